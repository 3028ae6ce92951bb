namespace Agb.Store;

/// <summary>Tables and migrations. The version is SQLite's user_version; a released step is never
/// changed, only followed by another.</summary>
internal static class CatalogSchema
{
    private static readonly string[] s_steps =
    [
        """
        CREATE TABLE contexts (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            last_used_at INTEGER NOT NULL,
            head INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE layers (
            id TEXT PRIMARY KEY,
            context_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            entries INTEGER NOT NULL,
            condemned INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX layers_by_context ON layers (context_id);
        CREATE TABLE versions (
            context_id TEXT NOT NULL REFERENCES contexts (id) ON DELETE CASCADE,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            session_id TEXT,
            files_added INTEGER NOT NULL,
            files_changed INTEGER NOT NULL,
            files_deleted INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            stack TEXT NOT NULL,
            PRIMARY KEY (context_id, version)) WITHOUT ROWID;
        CREATE TABLE origins (
            context_id TEXT NOT NULL REFERENCES contexts (id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            PRIMARY KEY (context_id, path)) WITHOUT ROWID;
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            image_id TEXT NOT NULL,
            status TEXT NOT NULL,
            network TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            idle_timeout INTEGER,
            released_at INTEGER,
            failure TEXT,
            owner TEXT NOT NULL,
            sandbox TEXT);
        CREATE INDEX sessions_by_status ON sessions (status);
        CREATE TABLE labels (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (session_id, name)) WITHOUT ROWID;
        CREATE TABLE mounts (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            context_id TEXT NOT NULL,
            path TEXT NOT NULL,
            policy TEXT NOT NULL,
            kind TEXT NOT NULL,
            stack TEXT NOT NULL,
            seen INTEGER,
            manifest TEXT,
            PRIMARY KEY (session_id, name)) WITHOUT ROWID;
        CREATE INDEX mounts_by_context ON mounts (context_id);
        CREATE TABLE tasks (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            context_id TEXT NOT NULL,
            path TEXT NOT NULL,
            type TEXT NOT NULL,
            status TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            files INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            skipped TEXT NOT NULL DEFAULT '',
            version INTEGER,
            owner TEXT NOT NULL,
            PRIMARY KEY (session_id, context_id, path, type)) WITHOUT ROWID;
        """,
        // Mode of a begun release, for the process that continues it.
        "ALTER TABLE sessions ADD COLUMN release TEXT;",
        // Author and removed bytes of a version: unknown in older ones. Storage time of a layer's content: unknown after
        // a compaction. A layer made by an upload is as old as its version.
        """
        ALTER TABLE versions ADD COLUMN origin TEXT NOT NULL DEFAULT 'Upload';
        ALTER TABLE versions ADD COLUMN bytes_removed INTEGER;
        ALTER TABLE layers ADD COLUMN stored_at INTEGER;
        UPDATE layers SET stored_at = created_at WHERE EXISTS (
            SELECT 1 FROM versions WHERE versions.context_id = layers.context_id AND versions.created_at = layers.created_at);
        """,
        // Storage mode and lifecycle of an origin; index of archives in layers, as far as known.
        """
        ALTER TABLE tasks ADD COLUMN warnings TEXT NOT NULL DEFAULT '';
        ALTER TABLE tasks ADD COLUMN total_files INTEGER;
        ALTER TABLE tasks ADD COLUMN total_bytes INTEGER;
        ALTER TABLE origins ADD COLUMN mode TEXT NOT NULL DEFAULT 'File';
        ALTER TABLE origins ADD COLUMN lifecycle TEXT NOT NULL DEFAULT 'Lifecycle_Forever';
        ALTER TABLE origins ADD COLUMN recycle_paths TEXT NOT NULL DEFAULT '[""]';
        ALTER TABLE origins ADD COLUMN recycle_from INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE origins ADD COLUMN recycle_next INTEGER;
        ALTER TABLE layers ADD COLUMN archives_known INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE layer_archives (
            layer_id TEXT NOT NULL REFERENCES layers (id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            PRIMARY KEY (layer_id, path)) WITHOUT ROWID;
        """,
        // Limits of a session from its creation, as JSON; null for none.
        "ALTER TABLE sessions ADD COLUMN limits TEXT;",
        // Hashes of the layers' contents at creation; older layers get them from a deep check.
        """
        CREATE TABLE seals (
            layer_id TEXT PRIMARY KEY REFERENCES layers (id) ON DELETE CASCADE,
            metadata TEXT NOT NULL,
            contents TEXT) WITHOUT ROWID;
        """,
        // Cause of an automatic end of a session: Lifetime or Idle, stored in "release" by unreleased programs. New value from
        // here on for a mount's kind: TrustedOverlay.
        """
        ALTER TABLE sessions ADD COLUMN ended TEXT;
        UPDATE sessions SET ended = release, release = 'Policy' WHERE release IN ('Lifetime', 'Idle');
        """,
        // Whether a layer may have hard links: 0 or 1, null for unknown.
        "ALTER TABLE layers ADD COLUMN links INTEGER;",
        // A mount into a running session: its version, whether it is read-only, and the step of an unfinished change.
        """
        ALTER TABLE mounts ADD COLUMN version INTEGER;
        ALTER TABLE mounts ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE mounts ADD COLUMN step TEXT;
        UPDATE mounts SET version = seen;
        """,
        // Action at the end of the idle time; null for Release. New value from here on for a session's status: Suspended.
        "ALTER TABLE sessions ADD COLUMN idle_action TEXT;",
        // Origin of a forked session. Fork layers of each part of a session, topmost first; a row protects its layers from
        // removal.
        """
        ALTER TABLE sessions ADD COLUMN forked_from TEXT;
        CREATE TABLE session_forks (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            part TEXT NOT NULL,
            layers TEXT NOT NULL,
            PRIMARY KEY (session_id, part)) WITHOUT ROWID;
        """,
    ];

    /// <summary>The newest schema version known to this program.</summary>
    internal static int Version => s_steps.Length;

    /// <summary>Brings a catalog up to date.</summary>
    /// <returns>Whether its schema was older.</returns>
    internal static bool Migrate(SqliteConnection connection)
    {
        if (ReadVersion(connection) == Version)
        {
            return false;
        }

        CatalogDb.Execute(connection, "PRAGMA journal_mode=WAL");
        Bring(connection);
        return true;
    }

    /// <summary>Migrates one database to the newest schema.</summary>
    internal static void Bring(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        // Read again: another process may have migrated while this one waited for the lock.
        var version = ReadVersion(connection);
        if (version > Version)
        {
            throw new AgbException(
                AgbErrorIds.StoreFormatTooNew, AgbErrorKind.DataCorrupt,
                $"The catalog '{connection.DataSource}' has the schema version {version}; this version of Agb knows versions up to {Version}.",
                "Update the Agb module, or set AGB_HOME to another directory.");
        }
        for (; version < Version; version++)
        {
            CatalogDb.Execute(connection, s_steps[version]);
            CatalogDb.Execute(connection, $"PRAGMA user_version={version + 1}");
        }
        transaction.Commit();
    }

    private static int ReadVersion(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
