namespace Agb.Server;

/// <summary>Stops a session's browser.</summary>
internal sealed class StopBrowserTool : BrowserTool
{
    internal override string Name => "stopChrome";

    internal override string Description => "Closes the session's browser. Its cookies are stored in the profile first.";

    internal override string InputSchema => """{"type":"object","properties":{}}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        await BrowserLinks.BrowsersOf(call.Service).StopBrowserAsync(new SessionId(call.SessionId), cancellationToken).ConfigureAwait(false);
        return new ToolResult("true");
    }
}
