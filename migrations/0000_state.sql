CREATE TABLE `accounts` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`provider` text NOT NULL,
	`identity` text,
	`label` text,
	`settings_hash` text NOT NULL,
	`root` text,
	`cursor` text,
	`epoch` integer DEFAULT 0 NOT NULL,
	`stage` text DEFAULT 'done' NOT NULL,
	`read_at` integer,
	`tokens` blob
);
--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_name_unique` ON `accounts` (`name`);--> statement-breakpoint
CREATE TABLE `destinations` (
	`id` integer PRIMARY KEY NOT NULL,
	`rule` text NOT NULL,
	`location` text NOT NULL,
	`from_account` integer NOT NULL,
	`to_account` integer NOT NULL,
	`fingerprint` text,
	`from_root` text,
	`to_root` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `destinations_by_rule` ON `destinations` (`rule`,`location`);--> statement-breakpoint
CREATE TABLE `dirty` (
	`destination` integer NOT NULL,
	`side` text NOT NULL,
	`item` text NOT NULL,
	`due_at` integer,
	`error` text,
	`retryable` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`destination`, `side`, `item`)
);
--> statement-breakpoint
CREATE TABLE `intents` (
	`id` text PRIMARY KEY NOT NULL,
	`destination` integer NOT NULL,
	`item` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `intents_by_item` ON `intents` (`destination`,`item`);--> statement-breakpoint
CREATE TABLE `items` (
	`rowid` integer PRIMARY KEY NOT NULL,
	`account` integer NOT NULL,
	`id` text NOT NULL,
	`parent` text,
	`name` text NOT NULL,
	`folded` text NOT NULL,
	`kind` text NOT NULL,
	`size_bytes` integer,
	`revision` text,
	`hashes` text NOT NULL,
	`modified_at` integer,
	`created_at` integer,
	`native` text,
	`epoch` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `items_by_id` ON `items` (`account`,`id`);--> statement-breakpoint
CREATE INDEX `items_by_place` ON `items` (`account`,`parent`,`folded`);--> statement-breakpoint
CREATE TABLE `lease` (
	`id` integer PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`heartbeat_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `links` (
	`id` integer PRIMARY KEY NOT NULL,
	`destination` integer NOT NULL,
	`kind` text NOT NULL,
	`from_id` text NOT NULL,
	`from_parent` text,
	`from_name` text NOT NULL,
	`from_revision` text,
	`to_id` text NOT NULL,
	`to_parent` text,
	`to_name` text NOT NULL,
	`to_revision` text,
	`size_bytes` integer,
	`hashes` text NOT NULL,
	`linked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `links_by_from` ON `links` (`destination`,`from_id`);--> statement-breakpoint
CREATE INDEX `links_by_to` ON `links` (`destination`,`to_id`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` integer PRIMARY KEY NOT NULL,
	`rule` text NOT NULL,
	`trigger` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`message` text
);
--> statement-breakpoint
CREATE INDEX `runs_by_rule` ON `runs` (`rule`,`started_at`);--> statement-breakpoint
CREATE TABLE `steps` (
	`id` integer PRIMARY KEY NOT NULL,
	`run` integer NOT NULL,
	`rule` text NOT NULL,
	`at` integer NOT NULL,
	`do` text NOT NULL,
	`side` text NOT NULL,
	`path` text NOT NULL,
	`from_path` text,
	`from_item` text,
	`bytes` integer NOT NULL,
	`why` text NOT NULL,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `steps_by_rule` ON `steps` (`rule`,`at`);--> statement-breakpoint
CREATE INDEX `steps_by_item` ON `steps` (`from_item`);