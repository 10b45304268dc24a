//! The registry through its HTTP APIs, on SQLite and on PostgreSQL.
