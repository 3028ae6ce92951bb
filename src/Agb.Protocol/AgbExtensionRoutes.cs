namespace Agb.Protocol;

/// <summary>The paths that an Agb server has beside those of the AGB API, so that all of <see cref="IAgbService"/> can be asked
/// of it. All are POST with a JSON object as body, but for those that say otherwise. Those marked as streams answer as
/// <see cref="StreamFrame"/> says.</summary>
public static class AgbExtensionRoutes
{
    /// <summary>What the server is and allows (GET). A server without it is not one of ours.</summary>
    public const string Info = "/agb/info";

    /// <summary>All of a session: <see cref="SessionIdBody"/> to <see cref="SessionDetail"/>.</summary>
    public const string GetSession = "/agb/getSession";

    /// <summary>All sessions with some labels: a stream of <see cref="SessionDetail"/>.</summary>
    public const string ListSessions = "/agb/listSessions";

    /// <summary>Waits until a session is no longer being created: a stream with the <see cref="SessionDetail"/> as result.</summary>
    public const string WaitSession = "/agb/waitSession";

    /// <summary>Releases a session and waits for it: a stream with an empty result.</summary>
    public const string ReleaseSession = "/agb/releaseSession";

    /// <summary>Replaces a session's labels.</summary>
    public const string SetLabels = "/agb/setLabels";

    /// <summary>Starts a session's idle time anew.</summary>
    public const string KeepSessionAlive = "/agb/keepSessionAlive";

    /// <summary>The address of any port in a session.</summary>
    public const string GetSessionLink = "/agb/getSessionLink";

    /// <summary>The images.</summary>
    public const string ListImages = "/agb/listImages";

    /// <summary>All contexts: a stream of <see cref="ContextDetail"/>.</summary>
    public const string ListContexts = "/agb/listContexts";

    /// <summary>Creates a context.</summary>
    public const string CreateContext = "/agb/createContext";

    /// <summary>Finds a context by id, else by name.</summary>
    public const string GetContext = "/agb/getContext";

    /// <summary>Renames a context.</summary>
    public const string RenameContext = "/agb/renameContext";

    /// <summary>Removes a context's data: a stream with the <see cref="ContextDetail"/> as result.</summary>
    public const string ClearContext = "/agb/clearContext";

    /// <summary>Deletes a context: a stream with an empty result.</summary>
    public const string RemoveContext = "/agb/removeContext";

    /// <summary>The paths that a context has data at.</summary>
    public const string GetContextPaths = "/agb/getContextPaths";

    /// <summary>The versions of a context: a stream of <see cref="VersionDetail"/>.</summary>
    public const string ListVersions = "/agb/listVersions";

    /// <summary>Returns to an earlier version: a stream with the new <see cref="VersionDetail"/> as result.</summary>
    public const string RestoreContext = "/agb/restoreContext";

    /// <summary>Files of a context: a stream of <see cref="FileDetail"/>.</summary>
    public const string ListContextFiles = "/agb/listContextFiles";

    /// <summary>One file of a context.</summary>
    public const string GetContextFile = "/agb/getContextFile";

    /// <summary>The bytes of a file of a context. The answer's body are the bytes, and its header
    /// <see cref="FileHeader"/> is the <see cref="FileDetail"/> as JSON in ASCII; an error is an envelope as ever.</summary>
    public const string OpenContextFile = "/agb/openContextFile";

    /// <summary>Changes files of a context: the query names it (<c>contextId</c>), the body is a <see cref="ChangeStream"/>. A
    /// stream with the <see cref="VersionDetail"/>, or nothing, as result.</summary>
    public const string ChangeContextFiles = "/agb/changeContextFiles";

    /// <summary>Runs a command: a stream of <see cref="OutputLine"/> with the <see cref="CommandDetail"/> as result. Closing
    /// the connection cancels it.</summary>
    public const string RunCommand = "/agb/runCommand";

    /// <summary>Runs a command that reads stdin, has arguments, or whose stdout is wanted as bytes while it runs: a WebSocket, as
    /// <see cref="CommandMessage"/> says.</summary>
    public const string CommandSocket = "/agb/commandSocket";

    /// <summary>Runs code: a stream of <see cref="CodeEventDetail"/> with the <see cref="CodeDetail"/> as result. Closing the
    /// connection cancels it.</summary>
    public const string RunCode = "/agb/runCode";

    /// <summary>Starts a sync: <see cref="StartSyncBody"/> to <see cref="StartedSync"/>.</summary>
    public const string StartSync = "/agb/startSync";

    /// <summary>Cancels a sync that was started: <see cref="CancelSyncBody"/>. One that is done or unknown is left alone.</summary>
    public const string CancelSync = "/agb/cancelSync";

    /// <summary>Cancels a call that answers with a stream, and waits until it has ended: <see cref="CancelCallBody"/>. Closing the
    /// connection of the call cancels it too, but tells nobody when it has ended. One that has ended or is unknown is left alone.</summary>
    public const string CancelCall = "/agb/cancelCall";

    /// <summary>The current sync tasks of a session.</summary>
    public const string GetSyncStatus = "/agb/getSyncStatus";

    /// <summary>Waits until no task is under way: a stream with the tasks as result.</summary>
    public const string WaitSync = "/agb/waitSync";

    /// <summary>What a sync would do: a stream with the steps as result.</summary>
    public const string PlanSync = "/agb/planSync";

    /// <summary>A terminal in a session: a WebSocket, as <see cref="TerminalBody"/> says.</summary>
    public const string Terminal = "/agb/terminal";

    /// <summary>The header of <see cref="OpenContextFile"/>'s answers.</summary>
    public const string FileHeader = "x-agb-file";
}
