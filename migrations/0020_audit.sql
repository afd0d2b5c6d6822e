CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`rule` text,
	`run` integer,
	`account` text,
	`operation` text,
	`item` text,
	`parent` text,
	`path` text,
	`before` text,
	`after` text,
	`bytes` integer,
	`content` text,
	`result` text NOT NULL,
	`why` text,
	`hash` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `audit_open` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`deed` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `audit_seals` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`hash` blob NOT NULL,
	`public_key` blob NOT NULL,
	`signature` blob NOT NULL
);
