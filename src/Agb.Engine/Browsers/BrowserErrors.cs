namespace Agb.Engine;

/// <summary>Errors about browsers.</summary>
internal static class BrowserErrors
{
    internal static AgbException StartFailed(string sessionId, string why, Exception? inner = null) => new(
        AgbErrorIds.BrowserStartFailed, AgbErrorKind.Failed, $"The browser of the session '{sessionId}' did not start: {why}", null, sessionId, inner);

    internal static AgbException NotRunning(string sessionId, bool hasEnded) => new(
        AgbErrorIds.BrowserNotRunning, AgbErrorKind.InvalidState,
        hasEnded
            ? $"The browser of the session '{sessionId}' has ended by itself: it crashed, was closed or killed."
            : $"The browser of the session '{sessionId}' does not run: it was not started, or was stopped.",
        "Start it.", sessionId);

    internal static AgbException Extension(string path, string why) => AgbErrors.Invalid(
        AgbErrorIds.InvalidBrowserOption, $"The browser extension '{path}' can't be loaded: {why.TrimEnd('.')}.",
        "An extension is a directory or a zip with a manifest.json at its top.", path);

    internal static AgbException Unmet(string option, object wanted, object got, string? remedy = null) => AgbErrors.Invalid(
        AgbErrorIds.InvalidBrowserOption, $"The browser option '{option}' can't be met: '{wanted}' is asked for, and the browser has '{got}'.", remedy, wanted);

    internal static AgbException NoBrowser(string imageId) => new(
        AgbErrorIds.NotSupported, AgbErrorKind.InvalidState, $"Sessions of the image '{imageId}' have no browser.",
        "Create a session of an image with a browser, such as agb-browser-use-1.", imageId);

    internal static AgbException HostNetwork(string sessionId) => new(
        AgbErrorIds.NotSupported, AgbErrorKind.InvalidState,
        $"The session '{sessionId}' has the host's network, where every program of the host could control its browser."
            + (OwnNetwork.Missing() is { } reason ? $" It got that network because there is no other here: {reason}" : ""),
        OwnNetwork.Missing() is null ? "Create the session with the network Own or None." : $"{OwnNetwork.Remedy()} Then create the session again, or now with the network None.",
        sessionId);
}
