CREATE TABLE `conflicts` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`destination` integer NOT NULL,
	`side` text NOT NULL,
	`item` text NOT NULL,
	`from_id` text NOT NULL,
	`to_id` text NOT NULL,
	`from_revision` text,
	`to_revision` text,
	`path` text NOT NULL,
	`why` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `conflicts_by_unit` ON `conflicts` (`destination`,`side`,`item`);--> statement-breakpoint
CREATE INDEX `conflicts_by_destination` ON `conflicts` (`destination`);--> statement-breakpoint
CREATE INDEX `conflicts_by_from` ON `conflicts` (`destination`,`from_id`);--> statement-breakpoint
CREATE INDEX `conflicts_by_to` ON `conflicts` (`destination`,`to_id`);--> statement-breakpoint
CREATE TABLE `decisions` (
	`destination` integer NOT NULL,
	`side` text NOT NULL,
	`item` text NOT NULL,
	`keep` text NOT NULL,
	`from_id` text,
	`to_id` text,
	`from_revision` text,
	`to_revision` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`destination`, `side`, `item`)
);
--> statement-breakpoint
CREATE TABLE `holds` (
	`destination` integer NOT NULL,
	`kind` text NOT NULL,
	`hash` text NOT NULL,
	`set` text NOT NULL,
	`why` text NOT NULL,
	`at` integer NOT NULL,
	`approved_at` integer,
	PRIMARY KEY(`destination`, `kind`)
);
--> statement-breakpoint
ALTER TABLE `destinations` ADD `ran_at` integer;--> statement-breakpoint
ALTER TABLE `dirty` ADD `marks` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `destination` integer;--> statement-breakpoint
ALTER TABLE `runs` ADD `undoes` integer;--> statement-breakpoint
ALTER TABLE `steps` ADD `item_side` text DEFAULT 'from' NOT NULL;--> statement-breakpoint
ALTER TABLE `steps` ADD `effect` text;--> statement-breakpoint
CREATE INDEX `steps_by_run` ON `steps` (`run`);