DROP INDEX `runs_by_rule`;--> statement-breakpoint
CREATE INDEX `runs_by_rule` ON `runs` (`rule`);--> statement-breakpoint
DROP INDEX `steps_by_rule`;--> statement-breakpoint
CREATE INDEX `steps_by_rule` ON `steps` (`rule`);--> statement-breakpoint
CREATE TABLE `__new_dirty` (
	`position` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`destination` integer NOT NULL,
	`side` text NOT NULL,
	`item` text NOT NULL,
	`due_at` integer,
	`error` text,
	`retryable` integer,
	`attempts` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_dirty`("position", "destination", "side", "item", "due_at", "error", "retryable", "attempts") SELECT "rowid", "destination", "side", "item", "due_at", "error", "retryable", "attempts" FROM `dirty` ORDER BY "rowid";--> statement-breakpoint
DROP TABLE `dirty`;--> statement-breakpoint
ALTER TABLE `__new_dirty` RENAME TO `dirty`;--> statement-breakpoint
CREATE UNIQUE INDEX `dirty_by_item` ON `dirty` (`destination`,`side`,`item`);--> statement-breakpoint
CREATE INDEX `dirty_by_destination` ON `dirty` (`destination`);