CREATE TABLE `uploads` (
	`destination` integer NOT NULL,
	`side` text NOT NULL,
	`source` text NOT NULL,
	`revision` text,
	`target` text NOT NULL,
	`operation` text NOT NULL,
	`state` blob NOT NULL,
	`saved_at` integer NOT NULL,
	PRIMARY KEY(`destination`, `side`, `source`)
);
