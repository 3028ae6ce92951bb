namespace Agb;

/// <summary>The stable error ids. Scripts match on them, so an id never changes its meaning.</summary>
public static class AgbErrorIds
{
    /// <summary>A path is empty, relative, too long, or holds <c>..</c>, NUL or another forbidden character.</summary>
    public const string InvalidPath = nameof(InvalidPath);

    /// <summary>A mount path is the root or a system directory.</summary>
    public const string ReservedPath = nameof(ReservedPath);

    /// <summary>Two mounts of one session have the same path, or one lies inside the other.</summary>
    public const string OverlappingPaths = nameof(OverlappingPaths);

    /// <summary>A context has data under several paths, so one must be named.</summary>
    public const string AmbiguousPath = nameof(AmbiguousPath);

    /// <summary>A context name is empty, too long, or holds control characters.</summary>
    public const string InvalidContextName = nameof(InvalidContextName);

    /// <summary>A context of that name exists.</summary>
    public const string ContextAlreadyExists = nameof(ContextAlreadyExists);

    /// <summary>No context has that id or name.</summary>
    public const string ContextNotFound = nameof(ContextNotFound);

    /// <summary>The context is mounted by a session, so it can't be deleted.</summary>
    public const string ContextInUse = nameof(ContextInUse);

    /// <summary>No session has that id, or it was released.</summary>
    public const string SessionNotFound = nameof(SessionNotFound);

    /// <summary>The session's state does not allow the operation.</summary>
    public const string SessionNotRunning = nameof(SessionNotRunning);

    /// <summary>The session is in use, so it can't be suspended.</summary>
    public const string SessionBusy = nameof(SessionBusy);

    /// <summary>The session's sandbox did not start.</summary>
    public const string SessionStartFailed = nameof(SessionStartFailed);

    /// <summary>The session is past its maximum lifetime or was idle too long.</summary>
    public const string SessionExpired = nameof(SessionExpired);

    /// <summary>The session is at one of its limits, so new processes can't start.</summary>
    public const string SessionLimitReached = nameof(SessionLimitReached);

    /// <summary>A session option, such as a timeout, is out of range.</summary>
    public const string InvalidSessionOption = nameof(InvalidSessionOption);

    /// <summary>No image has that id.</summary>
    public const string ImageNotFound = nameof(ImageNotFound);

    /// <summary>The image catalogue can't be read, or an image's root is not usable.</summary>
    public const string InvalidImage = nameof(InvalidImage);

    /// <summary>A label has an empty key, or its key or value is too long.</summary>
    public const string InvalidLabel = nameof(InvalidLabel);

    /// <summary>A sync policy field has an invalid value.</summary>
    public const string InvalidPolicy = nameof(InvalidPolicy);

    /// <summary>The service does not carry out this sync policy value.</summary>
    public const string PolicyNotSupported = nameof(PolicyNotSupported);

    /// <summary>A command is empty, too long, or holds a NUL.</summary>
    public const string InvalidCommand = nameof(InvalidCommand);

    /// <summary>The stdin given for a command is not possible, or is given twice.</summary>
    public const string InvalidInput = nameof(InvalidInput);

    /// <summary>A copy into or out of a session is incomplete.</summary>
    public const string CopyIncomplete = nameof(CopyIncomplete);

    /// <summary>A command failed, and the caller asked for an error in that case.</summary>
    public const string CommandFailed = nameof(CommandFailed);

    /// <summary>An environment variable's name or value is not allowed.</summary>
    public const string InvalidEnvironment = nameof(InvalidEnvironment);

    /// <summary>The working directory of a command does not exist in the session.</summary>
    public const string WorkingDirectoryNotFound = nameof(WorkingDirectoryNotFound);

    /// <summary>The session mounts no such context, or has none at that path.</summary>
    public const string SyncTargetNotFound = nameof(SyncTargetNotFound);

    /// <summary>A sync failed; the message names the cause.</summary>
    public const string SyncFailed = nameof(SyncFailed);

    /// <summary>A wait reached its time limit.</summary>
    public const string WaitTimeout = nameof(WaitTimeout);

    /// <summary>This host lacks a requirement of sessions.</summary>
    public const string HostNotReady = nameof(HostNotReady);

    /// <summary>No space or no inodes are left on the device of the store.</summary>
    public const string NoSpace = nameof(NoSpace);

    /// <summary>The store can be read and not written to: its file system is read-only.</summary>
    public const string ReadOnlyStore = nameof(ReadOnlyStore);

    /// <summary>The device or the file system of the store reports an error.</summary>
    public const string DeviceFailed = nameof(DeviceFailed);

    /// <summary>The operating system refused access to the store.</summary>
    public const string AccessDenied = nameof(AccessDenied);

    /// <summary>The store was written by a newer version of Agb.</summary>
    public const string StoreFormatTooNew = nameof(StoreFormatTooNew);

    /// <summary>The store is damaged; the message names the damage.</summary>
    public const string StoreCorrupt = nameof(StoreCorrupt);

    /// <summary>The operation needs a terminal, and its input or output is none.</summary>
    public const string TerminalRequired = nameof(TerminalRequired);

    /// <summary>The service asked for by the environment or the call is not available.</summary>
    public const string ServiceNotAvailable = nameof(ServiceNotAvailable);

    /// <summary>A server can't listen on its configured address.</summary>
    public const string AddressNotAvailable = nameof(AddressNotAvailable);

    /// <summary>The service has no such operation.</summary>
    public const string NotSupported = nameof(NotSupported);

    /// <summary>The service did not answer, or the connection broke. The operation may or may not have been performed.</summary>
    public const string ConnectionFailed = nameof(ConnectionFailed);

    /// <summary>A service setting, such as its endpoint or an environment variable, has an invalid value.</summary>
    public const string InvalidSetting = nameof(InvalidSetting);

    /// <summary>The service does not accept the API key, or none was given.</summary>
    public const string AuthenticationFailed = nameof(AuthenticationFailed);

    /// <summary>Too many requests, or too much running work, of this owner or of all owners; the message has the time for a
    /// retry.</summary>
    public const string TooManyRequests = nameof(TooManyRequests);

    /// <summary>Too many sessions on the service or of this owner; the message has the time for a retry.</summary>
    public const string TooManySessions = nameof(TooManySessions);

    /// <summary>The host is temporarily out of memory, processes or open files; the operation was not begun.</summary>
    public const string HostExhausted = nameof(HostExhausted);

    /// <summary>The service refused for a reason without an id; the message is the service's.</summary>
    public const string ServiceRefused = nameof(ServiceRefused);

    /// <summary>A request to a server can't be read, or lacks a value.</summary>
    public const string InvalidRequest = nameof(InvalidRequest);

    /// <summary>A file or directory does not exist in the context or the session.</summary>
    public const string FileNotFound = nameof(FileNotFound);

    /// <summary>A path names a directory in place of a file, a file in place of a directory, or a directory with
    /// content.</summary>
    public const string WrongFileType = nameof(WrongFileType);

    /// <summary>A context has no such version, or it is no longer retained.</summary>
    public const string VersionNotFound = nameof(VersionNotFound);

    /// <summary>A sync would delete a larger part of the stored files than the caller allows.</summary>
    public const string TooManyDeletions = nameof(TooManyDeletions);

    /// <summary>An archive is damaged, too large when unpacked, or has a forbidden member.</summary>
    public const string InvalidArchive = nameof(InvalidArchive);

    /// <summary>A context has more layers than one overlay takes.</summary>
    public const string TooManyLayers = nameof(TooManyLayers);

    /// <summary>A context can't be mounted into a running session, or taken out of it; the message names the cause.</summary>
    public const string MountFailed = nameof(MountFailed);

    /// <summary>Programs of the session have files of a mount open for writing.</summary>
    public const string MountInUse = nameof(MountInUse);

    /// <summary>A mount has changes after its last upload, and its policy does not upload them.</summary>
    public const string UnsavedChanges = nameof(UnsavedChanges);

    /// <summary>Code is empty, or its language is unknown.</summary>
    public const string InvalidCode = nameof(InvalidCode);

    /// <summary>The session has no interpreter or compiler for the language.</summary>
    public const string LanguageNotFound = nameof(LanguageNotFound);

    /// <summary>The session's browser does not run: it was not started, was stopped, or crashed.</summary>
    public const string BrowserNotRunning = nameof(BrowserNotRunning);

    /// <summary>The session's browser did not start; the message has its last words.</summary>
    public const string BrowserStartFailed = nameof(BrowserStartFailed);

    /// <summary>An option for a browser has an invalid value, or can't be met.</summary>
    public const string InvalidBrowserOption = nameof(InvalidBrowserOption);

    /// <summary>The browser has no such page.</summary>
    public const string PageNotFound = nameof(PageNotFound);

    /// <summary>A page did not load; the message has the browser's reason.</summary>
    public const string PageLoadFailed = nameof(PageLoadFailed);

    /// <summary>A script in a page threw an error, or its result is no JSON value.</summary>
    public const string ScriptFailed = nameof(ScriptFailed);

    /// <summary>The session's desktop did not start, or a program of it failed.</summary>
    public const string DesktopFailed = nameof(DesktopFailed);

    /// <summary>An action on a desktop has an invalid value, such as an unknown key.</summary>
    public const string InvalidDesktopAction = nameof(InvalidDesktopAction);

    /// <summary>The desktop has no such window, or it closed meanwhile.</summary>
    public const string WindowNotFound = nameof(WindowNotFound);

    /// <summary>The session has no such app, or no such process.</summary>
    public const string AppNotFound = nameof(AppNotFound);

    /// <summary>A change needs the user's confirmation, and the host can't ask for it.</summary>
    public const string ConfirmationRequired = nameof(ConfirmationRequired);

    /// <summary>An error without a specific id; the message names the cause.</summary>
    public const string UnexpectedError = nameof(UnexpectedError);
}
