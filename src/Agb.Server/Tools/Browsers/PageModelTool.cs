namespace Agb.Server;

/// <summary>A tool of pages for a language model, which this server does not have.</summary>
internal sealed class PageModelTool(string name) : BrowserTool
{
    private static readonly string[] s_names =
    [
        "page_use_act", "page_use_act_async", "page_use_get_act_result", "page_use_observe", "page_use_observe_async", "page_use_get_observe_result",
        "page_use_extract", "page_use_extract_async", "page_use_get_extract_result",
    ];

    internal override string Name => name;

    internal override string Description => "Needs a language model. This server has none, so the tool answers with an error.";

    internal override string InputSchema => """{"type":"object","properties":{}}""";

    /// <summary>All of these tools.</summary>
    internal static IEnumerable<Tool> All => s_names.Select(n => new PageModelTool(n));

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        await call.Service.GetSessionAsync(new SessionId(call.SessionId), cancellationToken).ConfigureAwait(false);
        return new ToolResult(
            $"The tool '{Name}' needs a language model, which this server does not have. Drive the page by a CDP client, such as Playwright, on the address of getCdpLink.",
            IsError: true);
    }
}
