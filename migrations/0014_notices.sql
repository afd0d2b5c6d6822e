CREATE TABLE `in_step` (
	`rule` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `made_contacts` (
	`id` text PRIMARY KEY NOT NULL,
	`fields` blob NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `notices` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`contact` text NOT NULL,
	`notice` text NOT NULL,
	`at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	`error` text,
	`ended` text,
	`ended_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notices_id_unique` ON `notices` (`id`);--> statement-breakpoint
CREATE INDEX `notices_by_contact` ON `notices` (`contact`,`number`);--> statement-breakpoint
CREATE TABLE `told` (
	`contact` text NOT NULL,
	`occasion` text NOT NULL,
	`subject` text NOT NULL,
	`stands` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`contact`, `occasion`, `subject`)
);
