CREATE TABLE `subscriptions` (
	`account` integer NOT NULL,
	`id` text NOT NULL,
	`resource` text,
	`address` text NOT NULL,
	`secret` blob NOT NULL,
	`settings_hash` text NOT NULL,
	`made_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`account`, `id`)
);
