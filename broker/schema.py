"""The tables and indexes of schema version 1; `broker.migrations` leads to the newest. Times are microseconds since 1970."""

from __future__ import annotations

# AUTOINCREMENT: ids give the order of creation, so the id of a deleted row must not be used again
SCHEMA_SQL = """
CREATE TABLE IF NOT EXISTS pacticipants (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, display_name TEXT, main_branch TEXT, repository_url TEXT,
    repository_name TEXT, repository_namespace TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, pacticipant INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    number TEXT NOT NULL, build_url TEXT, created INTEGER NOT NULL, UNIQUE (pacticipant, number));
CREATE TABLE IF NOT EXISTS branches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, pacticipant INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    name TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (pacticipant, name));
CREATE TABLE IF NOT EXISTS branch_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, branch INTEGER NOT NULL REFERENCES branches ON DELETE CASCADE,
    version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE, created INTEGER NOT NULL, UNIQUE (branch, version));
CREATE INDEX IF NOT EXISTS branch_versions_by_version ON branch_versions (version);
CREATE TABLE IF NOT EXISTS tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    name TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (version, name));
CREATE INDEX IF NOT EXISTS tags_by_name ON tags (name, version);
CREATE TABLE IF NOT EXISTS contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, consumer INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    provider INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE, sha TEXT NOT NULL, json TEXT NOT NULL,
    created INTEGER NOT NULL, UNIQUE (consumer, provider, sha));
CREATE INDEX IF NOT EXISTS contents_by_provider ON contents (provider, consumer);
CREATE TABLE IF NOT EXISTS pacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    provider INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE, revision INTEGER NOT NULL,
    current INTEGER NOT NULL, created INTEGER NOT NULL, UNIQUE (version, provider, revision));
CREATE INDEX IF NOT EXISTS pacts_by_content ON pacts (content);
CREATE INDEX IF NOT EXISTS pacts_by_provider ON pacts (provider, current, version);
CREATE TABLE IF NOT EXISTS results (
    id INTEGER PRIMARY KEY AUTOINCREMENT, content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE, success INTEGER NOT NULL, build_url TEXT,
    test_results TEXT, verified_by TEXT NOT NULL, wip INTEGER NOT NULL, tags TEXT NOT NULL, current INTEGER NOT NULL,
    created INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS results_by_content ON results (content, current, version);
CREATE TABLE IF NOT EXISTS environments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, display_name TEXT,
    production INTEGER NOT NULL, contacts TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    environment INTEGER NOT NULL REFERENCES environments ON DELETE CASCADE, instance TEXT, created INTEGER NOT NULL,
    ended INTEGER);
CREATE INDEX IF NOT EXISTS deployments_by_environment ON deployments (environment, ended, kind);
CREATE INDEX IF NOT EXISTS deployments_by_version ON deployments (version);
"""
