namespace Agb.Protocol;

/// <summary>The paths of the AGB API. Their letter case is part of the protocol. Parameters of every <c>/sdk</c> path travel in
/// the query string, also in a POST.</summary>
public static class AgbRoutes
{
    /// <summary>Creates a session (POST).</summary>
    public const string CreateSession = "/mcp/createSession";

    /// <summary>Releases a session and answers once the release has begun (POST).</summary>
    public const string ReleaseSession = "/mcp/releaseSession";

    /// <summary>Begins to release a session (POST).</summary>
    public const string ReleaseSessionAsync = "/mcp/releaseSessionAsync";

    /// <summary>A session with its link (POST).</summary>
    public const string GetSession = "/mcp/getSession";

    /// <summary>The status of a session (POST).</summary>
    public const string GetSessionInfo = "/mcp/getSessionInfo";

    /// <summary>Sessions by label, in pages (GET).</summary>
    public const string ListSession = "/sdk/ListSession";

    /// <summary>Restarts a session's idle time (POST, query).</summary>
    public const string RefreshSessionIdleTime = "/mcp/refreshSessionIdleTime";

    /// <summary>Suspends a session (POST). In no released version of the official SDKs, but in their history.</summary>
    public const string PauseSession = "/mcp/pauseSessionAsync";

    /// <summary>Resumes a session (POST), as <see cref="PauseSession"/>.</summary>
    public const string ResumeSession = "/mcp/resumeSessionAsync";

    /// <summary>Replaces a session's labels (POST, query).</summary>
    public const string SetLabel = "/sdk/SetLabel";

    /// <summary>A session's labels (GET).</summary>
    public const string GetLabel = "/sdk/GetLabel";

    /// <summary>The address of a port in a session (GET).</summary>
    public const string GetLink = "/internet/getLink";

    /// <summary>Alias of <see cref="GetLink"/> (GET).</summary>
    public const string GetLinkAsync = "/mcp/getLink";

    /// <summary>The address of a session's browser (POST, query).</summary>
    public const string GetCdpLink = "/internet/getCdpLink";

    /// <summary>Starts a session's browser (POST, query).</summary>
    public const string BrowserInit = "/browser/init";

    /// <summary>Calls a tool of a session (POST).</summary>
    public const string CallTool = "/mcp";

    /// <summary>The tools of an image's sessions (POST, query).</summary>
    public const string ListTools = "/mcp/listTools";

    /// <summary>The address of a session for people (POST).</summary>
    public const string GetMcpResource = "/mcp/getMcpResource";

    /// <summary>Contexts, in pages (GET).</summary>
    public const string ListContexts = "/sdk/ListContexts";

    /// <summary>A context by id or name, made if asked for (GET).</summary>
    public const string GetContext = "/sdk/GetContext";

    /// <summary>Renames a context (POST, query).</summary>
    public const string ModifyContext = "/sdk/ModifyContext";

    /// <summary>Deletes a context (POST, query).</summary>
    public const string DeleteContext = "/sdk/DeleteContext";

    /// <summary>Begins to remove a context's data (POST, query).</summary>
    public const string ClearContext = "/sdk/ClearContext";

    /// <summary>Begins a sync (POST, query).</summary>
    public const string SyncContext = "/sdk/SyncContext";

    /// <summary>The sync tasks of a session (GET).</summary>
    public const string GetContextInfo = "/sdk/GetContextInfo";

    /// <summary>A presigned URL to read a file of a context (POST, query).</summary>
    public const string GetContextFileDownloadUrl = "/sdk/GetContextFileDownloadUrl";

    /// <summary>A presigned URL to store a file of a context (POST, query).</summary>
    public const string GetContextFileUploadUrl = "/sdk/GetContextFileUploadUrl";

    /// <summary>Deletes a file of a context (POST, query).</summary>
    public const string DeleteContextFile = "/sdk/DeleteContextFile";

    /// <summary>The files in a directory of a context, in pages (POST, query).</summary>
    public const string DescribeContextFiles = "/sdk/DescribeContextFiles";

    /// <summary>The context of a session's file transfers (POST, query).</summary>
    public const string GetAndLoadInternalContext = "/sdk/GetAndLoadInternalContext";

    /// <summary>The suffix of a session's link URL for a tool call (POST).</summary>
    public const string LinkCallTool = "/callTool";

    /// <summary>Whether the server answers (GET, without a key).</summary>
    public const string Health = "/healthz";
}
