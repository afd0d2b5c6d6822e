CREATE TABLE `hooks` (
	`rule` text NOT NULL,
	`position` integer NOT NULL,
	`step` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer,
	PRIMARY KEY(`rule`, `position`)
);
