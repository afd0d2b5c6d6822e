CREATE TABLE `unreadable` (
	`account` integer NOT NULL,
	`item` text NOT NULL,
	`reason` text NOT NULL,
	`refused` integer NOT NULL,
	PRIMARY KEY(`account`, `item`)
);
