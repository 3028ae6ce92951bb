namespace Agb.Server;

/// <summary>Opens an address in the page in front.</summary>
internal sealed class PageNavigateTool : BrowserTool
{
    internal override string Name => "page_use_navigate";

    internal override string Description => "Opens an address in the page in front, or in a new one, and waits for its load event.";

    internal override string InputSchema => """
        {"type":"object","properties":{"url":{"type":"string","description":"The absolute address."}},"required":["url"]}
        """;

    private protected override Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var url = call.Text("url");
        return WithPagesAsync(
            call, MostMilliseconds,
            async (pages, limit) =>
            {
                var front = await FrontPageAsync(pages, limit).ConfigureAwait(false);
                var page = await pages.OpenAsync(url, front, TimeSpan.FromMilliseconds(StandardMilliseconds), limit).ConfigureAwait(false);
                return new ToolResult($"Opened {page.Url}{(page.Title.Length > 0 ? $": {page.Title}" : "")}");
            },
            cancellationToken);
    }
}
