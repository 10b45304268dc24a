-- Which run of the program serves a SQLite file, until it ends in order. The same is in the lock file
-- beside it, so a file that was copied while it was served, without what SQLite keeps beside it, shows.
alter table registry add column serving text;
