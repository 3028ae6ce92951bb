namespace Agb.Protocol;

/// <summary>The additional paths of an Agb server, for the operations of <see cref="IAgbService"/> missing in the AGB
/// API.</summary>
/// <remarks>All are POST with a JSON object as body, unless noted. Streams answer as <see cref="StreamFrame"/> lines.</remarks>
public static class AgbServerRoutes
{
    /// <summary>Identity and limits of the server (GET). Only Agb servers have it.</summary>
    public const string Info = "/agb/info";

    /// <summary>A full session: <see cref="SessionIdBody"/> to <see cref="SessionDetail"/>.</summary>
    public const string GetSession = "/agb/getSession";

    /// <summary>All sessions with some labels: a stream of <see cref="SessionDetail"/>.</summary>
    public const string ListSessions = "/agb/listSessions";

    /// <summary>Waits until a session is no longer being created: a stream with the <see cref="SessionDetail"/> as result.</summary>
    public const string WaitSession = "/agb/waitSession";

    /// <summary>Releases a session and waits for it: a stream with an empty result.</summary>
    public const string ReleaseSession = "/agb/releaseSession";

    /// <summary>Makes forks of a running session: <see cref="ForkSessionBody"/>, a stream with the list of
    /// <see cref="SessionDetail"/> as result.</summary>
    public const string ForkSession = "/agb/forkSession";

    /// <summary>Replaces a session's labels.</summary>
    public const string SetLabels = "/agb/setLabels";

    /// <summary>Restarts a session's idle time.</summary>
    public const string KeepSessionAlive = "/agb/keepSessionAlive";

    /// <summary>Suspends a session: <see cref="SessionIdBody"/> to <see cref="SessionDetail"/>.</summary>
    public const string SuspendSession = "/agb/suspendSession";

    /// <summary>Resumes a session: <see cref="SessionIdBody"/> to <see cref="SessionDetail"/>.</summary>
    public const string ResumeSession = "/agb/resumeSession";

    /// <summary>The address of any port in a session.</summary>
    public const string GetSessionLink = "/agb/getSessionLink";

    /// <summary>The address of the live view of a session's desktop: <see cref="DesktopViewBody"/> to <see cref="UrlData"/>.</summary>
    public const string GetDesktopView = "/agb/getDesktopView";

    /// <summary>The images.</summary>
    public const string ListImages = "/agb/listImages";

    /// <summary>All contexts: a stream of <see cref="AgbContext"/>.</summary>
    public const string ListContexts = "/agb/listContexts";

    /// <summary>Creates a context.</summary>
    public const string CreateContext = "/agb/createContext";

    /// <summary>Finds a context by id, else by name.</summary>
    public const string GetContext = "/agb/getContext";

    /// <summary>Renames a context.</summary>
    public const string RenameContext = "/agb/renameContext";

    /// <summary>Removes a context's data: a stream with the <see cref="AgbContext"/> as result.</summary>
    public const string ClearContext = "/agb/clearContext";

    /// <summary>Deletes a context: a stream with an empty result.</summary>
    public const string RemoveContext = "/agb/removeContext";

    /// <summary>The paths of a context with data.</summary>
    public const string GetContextPaths = "/agb/getContextPaths";

    /// <summary>The versions of a context: a stream of <see cref="AgbContextVersion"/>.</summary>
    public const string ListVersions = "/agb/listVersions";

    /// <summary>Returns to an earlier version: a stream with the new <see cref="AgbContextVersion"/> as result.</summary>
    public const string RestoreContext = "/agb/restoreContext";

    /// <summary>Files of a context: a stream of <see cref="AgbContextFile"/>.</summary>
    public const string ListContextFiles = "/agb/listContextFiles";

    /// <summary>One file of a context.</summary>
    public const string GetContextFile = "/agb/getContextFile";

    /// <summary>The bytes of a context's file, as the answer's body. The header <see cref="FileHeader"/> is the
    /// <see cref="AgbContextFile"/> as JSON in ASCII; an error is an envelope.</summary>
    public const string OpenContextFile = "/agb/openContextFile";

    /// <summary>Changes files of the context in the query (<c>contextId</c>). The body is a <see cref="ChangeStream"/>; the
    /// answer is a stream with the <see cref="AgbContextVersion"/>, or nothing, as result.</summary>
    public const string ChangeContextFiles = "/agb/changeContextFiles";

    /// <summary>Runs a command: a stream of <see cref="OutputLine"/> with the <see cref="CommandDetail"/> as result. Closing the
    /// connection cancels it.</summary>
    public const string RunCommand = "/agb/runCommand";

    /// <summary>Runs a command with stdin, arguments, or stdout as bytes: a WebSocket, see
    /// <see cref="CommandMessage"/>.</summary>
    public const string CommandSocket = "/agb/commandSocket";

    /// <summary>Runs code: a stream of <see cref="AgbCodeEvent"/> with the <see cref="CodeDetail"/> as result. Closing the
    /// connection cancels it.</summary>
    public const string RunCode = "/agb/runCode";

    /// <summary>Starts a sync: <see cref="StartSyncBody"/> to <see cref="StartedSync"/>.</summary>
    public const string StartSync = "/agb/startSync";

    /// <summary>Cancels a started sync: <see cref="CancelSyncBody"/>. A finished or unknown sync is ignored.</summary>
    public const string CancelSync = "/agb/cancelSync";

    /// <summary>Cancels a call with a stream as answer, and waits for its end: <see cref="CancelCallBody"/>. A finished or
    /// unknown call is ignored.</summary>
    /// <remarks>Closing the call's connection cancels it too, but without notice of its end.</remarks>
    public const string CancelCall = "/agb/cancelCall";

    /// <summary>The current sync tasks of a session.</summary>
    public const string GetSyncStatus = "/agb/getSyncStatus";

    /// <summary>Waits until no task is under way: a stream with the tasks as result.</summary>
    public const string WaitSync = "/agb/waitSync";

    /// <summary>Plans a sync: a stream with the steps as result.</summary>
    public const string PlanSync = "/agb/planSync";

    /// <summary>Mounts a context into a running session: a stream with the <see cref="MountDetail"/> as result.</summary>
    public const string MountContext = "/agb/mountContext";

    /// <summary>Takes a context out of a running session: <see cref="MountChangeBody"/> to a stream with the <see cref="MountDetail"/> as
    /// result.</summary>
    public const string DismountContext = "/agb/dismountContext";

    /// <summary>Shows another version of a context in a running session: <see cref="MountChangeBody"/> to a stream with the
    /// <see cref="MountDetail"/> as result.</summary>
    public const string SwitchContext = "/agb/switchContext";

    /// <summary>The contexts of a session: <see cref="SessionIdBody"/> to an array of <see cref="MountDetail"/>.</summary>
    public const string ListMounts = "/agb/listMounts";

    /// <summary>A terminal in a session: a WebSocket, see <see cref="TerminalBody"/>.</summary>
    public const string Terminal = "/agb/terminal";

    /// <summary>The header of answers to <see cref="OpenContextFile"/>.</summary>
    public const string FileHeader = "x-agb-file";
}
