namespace Agb;

/// <summary>The next step after an error, as a key: each front end words it by its own means, as a cmdlet, a call or plain
/// text.</summary>
public enum AgbAdvice
{
    /// <summary>List the contexts, or create one.</summary>
    ListContexts,

    /// <summary>Use the existing context of that name.</summary>
    UseExistingContext,

    /// <summary>List the files of a context.</summary>
    ListContextFiles,

    /// <summary>List the versions of a context.</summary>
    ListContextVersions,

    /// <summary>Remove all data of a context by its own operation.</summary>
    ClearContext,

    /// <summary>Remove a directory with its content.</summary>
    RemoveRecursively,

    /// <summary>Leave archives packed.</summary>
    KeepArchivesPacked,

    /// <summary>List the sessions, or create one.</summary>
    ListSessions,

    /// <summary>Create another session.</summary>
    CreateSession,

    /// <summary>Create another session with more memory.</summary>
    CreateLargerSession,

    /// <summary>Create another session with a longer life.</summary>
    CreateLongerSession,

    /// <summary>Wait for a session.</summary>
    WaitForSession,

    /// <summary>Look at a session that is being released.</summary>
    WatchSession,

    /// <summary>Release sessions.</summary>
    ReleaseSessions,

    /// <summary>Upload the changes of a failed session, and release it.</summary>
    ReplaceFailedSession,

    /// <summary>Release a session again, or discard its changes.</summary>
    ReleaseAgain,

    /// <summary>Save files of a session by a command, and discard its changes.</summary>
    SaveAndDiscard,

    /// <summary>Wait longer for a sync, or look at it.</summary>
    WaitForSync,

    /// <summary>Download again, or release the session.</summary>
    DownloadAgain,

    /// <summary>Look at the deletions of an upload, undo them, or allow them.</summary>
    AllowDeletions,

    /// <summary>Check this host.</summary>
    CheckHost,

    /// <summary>Give an API key.</summary>
    GiveApiKey,

    /// <summary>Check the API key.</summary>
    CheckApiKey,

    /// <summary>End the programs that write to a mount, or go on all the same.</summary>
    EndWriters,

    /// <summary>Upload the changes of a mount, or drop them.</summary>
    SaveOrDropChanges,

    /// <summary>Show another version of a mount.</summary>
    SwitchVersion,
}
