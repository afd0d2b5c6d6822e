CREATE INDEX `steps_by_time` ON `steps` (`at`);--> statement-breakpoint
CREATE INDEX `steps_by_do` ON `steps` (`do`);--> statement-breakpoint
CREATE INDEX `steps_failed` ON `steps` (`id`) WHERE error is not null;--> statement-breakpoint
CREATE VIEW `steps_text` AS SELECT `id`, `path` || coalesce(char(10) || `from_path`, '') AS `text` FROM `steps`;--> statement-breakpoint
CREATE VIRTUAL TABLE `steps_found` USING fts5(`text`, content='steps_text', content_rowid='id', tokenize='trigram', detail='none');--> statement-breakpoint
INSERT INTO `steps_found`(`steps_found`) VALUES('rebuild');--> statement-breakpoint
CREATE TRIGGER `steps_found_more` AFTER INSERT ON `steps` WHEN new.`id` % 256 = 0 BEGIN
	INSERT INTO `steps_found`(`rowid`, `text`) SELECT `id`, `text` FROM `steps_text`
	WHERE `id` > (SELECT coalesce(max(`id`), 0) FROM `steps_found_docsize`);
END;
