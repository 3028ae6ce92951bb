namespace Agb;

/// <summary>Errors with more than one thrower, so that each has one wording.</summary>
public static class AgbErrors
{
    // Longer than a command or a session's start usually takes.
    private static readonly TimeSpan s_hostRetry = TimeSpan.FromSeconds(5);

    /// <summary>No context has that id or name.</summary>
    public static AgbException ContextNotFound(string idOrName) => new(
        AgbErrorIds.ContextNotFound, AgbErrorKind.NotFound,
        $"No context has the id or name '{idOrName}'.",
        target: idOrName) { Advice = AgbAdvice.ListContexts };

    /// <summary>A context of that name exists.</summary>
    public static AgbException ContextAlreadyExists(string name) => new(
        AgbErrorIds.ContextAlreadyExists, AgbErrorKind.AlreadyExists,
        $"A context named '{name}' exists already.",
        target: name) { Advice = AgbAdvice.UseExistingContext };

    /// <summary>No session has that id.</summary>
    /// <param name="id">The id asked for.</param>
    /// <param name="releasedAt">When the session was released, if it once existed.</param>
    public static AgbException SessionNotFound(string id, DateTimeOffset? releasedAt = null) => new(
        AgbErrorIds.SessionNotFound, AgbErrorKind.NotFound,
        releasedAt is { } at
            ? $"The session '{id}' was released at {at:u}."
            : $"No session has the id '{id}'.",
        target: id) { Advice = AgbAdvice.ListSessions };

    /// <summary>No image has that id.</summary>
    public static AgbException ImageNotFound(string id, IEnumerable<string> known) => new(
        AgbErrorIds.ImageNotFound, AgbErrorKind.NotFound,
        $"No image has the id '{id}'. Known images: {string.Join(", ", known)}.",
        "Use one of the known ids, or add the image to images.json in the AGB home directory.", id);

    /// <summary>The service has no such operation.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="what">The operation, such as <c>restoring a version</c>.</param>
    public static AgbException NotSupported(string service, string what) => new(
        AgbErrorIds.NotSupported, AgbErrorKind.InvalidState,
        $"The service '{service}' does not offer {what}.", "Use the embedded service, or an Agb server.", service);

    /// <summary>A context has no file or directory at a path.</summary>
    public static AgbException FileNotFound(string contextId, string path) => new(
        AgbErrorIds.FileNotFound, AgbErrorKind.NotFound,
        $"The context '{contextId}' has nothing stored at '{path}'.", target: path) { Advice = AgbAdvice.ListContextFiles };

    /// <summary>A context has no such version.</summary>
    public static AgbException VersionNotFound(string contextId, long version) => new(
        AgbErrorIds.VersionNotFound, AgbErrorKind.NotFound,
        $"The context '{contextId}' has no version {version}, or it is no longer retained.",
        target: version) { Advice = AgbAdvice.ListContextVersions };

    /// <summary>The host has no more memory, processes or open files to give.</summary>
    /// <param name="doing">The failed operation.</param>
    /// <param name="said">The operating system's message.</param>
    /// <param name="inner">The cause.</param>
    /// <param name="remedy">The remedy; null for the usual one.</param>
    public static AgbException HostExhausted(string doing, string said, Exception? inner = null, string? remedy = null) => new(
        AgbErrorIds.HostExhausted, AgbErrorKind.ResourceExhausted,
        $"The host has no room left for {doing}: {said.TrimEnd('.')}.",
        remedy ?? "Try again when less runs there. Sessions and commands that run are not affected; if it stays so, raise the host's limits (ulimit, systemd's TasksMax).",
        inner: inner)
    {
        RetryAfter = s_hostRetry,
    };

    /// <summary>An unacceptable value.</summary>
    public static AgbException Invalid(
        string errorId, string message, string? remedy = null, object? target = null, AgbAdvice? advice = null) =>
        new(errorId, AgbErrorKind.InvalidInput, message, remedy, target) { Advice = advice };
}
