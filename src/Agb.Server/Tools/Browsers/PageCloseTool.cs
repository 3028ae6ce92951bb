namespace Agb.Server;

/// <summary>Ends work with pages.</summary>
internal sealed class PageCloseTool : BrowserTool
{
    internal override string Name => "page_use_close_session";

    internal override string Description => "Ends work with pages. The browser goes on running; stopChrome closes it.";

    internal override string InputSchema => """{"type":"object","properties":{}}""";

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        await call.Service.GetSessionAsync(new SessionId(call.SessionId), cancellationToken).ConfigureAwait(false);
        return new ToolResult("Closed: no page tool holds a connection between two calls.");
    }
}
