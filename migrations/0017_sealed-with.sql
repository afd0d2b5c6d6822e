CREATE TABLE `sealed_with` (
	`id` integer PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`since` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `accounts` ADD `tokens_hash` text;
--> statement-breakpoint
UPDATE `accounts` SET `tokens_hash` = `settings_hash` WHERE `tokens` IS NOT NULL;
