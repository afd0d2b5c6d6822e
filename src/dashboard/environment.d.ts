/** What the bundler makes of a style is none of the types' business. */
declare module "*.css" {}
