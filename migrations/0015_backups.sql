CREATE TABLE `backups` (
	`id` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`bytes` integer NOT NULL
);
