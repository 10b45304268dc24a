//! A private PostgreSQL on a free port, in a folder that goes away.
