CREATE TABLE `encrypted` (
	`stored` text PRIMARY KEY NOT NULL,
	`stored_bytes` integer NOT NULL,
	`size_bytes` integer NOT NULL,
	`hashes` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `items` ADD `stored` text;