using System.Text.Json;
using Agb.Browser;

namespace Agb.Server;

/// <summary>Takes a picture of a page.</summary>
internal sealed class PageScreenshotTool : BrowserTool
{
    internal override string Name => "page_use_screenshot";

    internal override string Description => "Takes a picture of a page as a data URL (JPEG): of the whole page, of its visible part, or of a clip.";

    internal override string InputSchema => """
        {"type":"object","properties":{
          "context_id":{"type":"integer","description":"0, the browser's own context."},
          "page_id":{"type":"string","description":"The id of the page's CDP target; without it the page in front."},
          "full_page":{"type":"boolean"},
          "quality":{"type":"integer","minimum":0,"maximum":100,"default":80},
          "clip":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"},"width":{"type":"number"},"height":{"type":"number"}},
            "required":["x","y","width","height"]},
          "timeout":{"type":"integer","description":"Milliseconds.","minimum":1,"maximum":600000,"default":60000}}}
        """;

    private protected override Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        call.OptionalInteger("context_id", 0, 0);
        var picture = new PagePicture
        {
            Format = AgbPictureFormat.Jpeg,
            Quality = (int)(call.OptionalInteger("quality", 0, 100) ?? 80),
            FullPage = call.Flag("full_page"),
            Clip = Clip(call),
        };
        var pageId = call.OptionalText("page_id");
        return WithPagesAsync(
            call, (int)(call.OptionalInteger("timeout", 1, MostMilliseconds) ?? StandardMilliseconds),
            async (pages, limit) =>
            {
                var id = pageId ?? await RequireFrontPageAsync(pages, limit).ConfigureAwait(false);
                var taken = await pages.TakeScreenshotAsync(id, picture, limit).ConfigureAwait(false);
                return new ToolResult("data:image/jpeg;base64," + Convert.ToBase64String(taken.Bytes));
            },
            cancellationToken);
    }

    private static PageArea? Clip(ToolCall call)
    {
        if (call.Find("clip") is not { } clip)
        {
            return null;
        }
        return clip.ValueKind == JsonValueKind.Object
            && Number("x") is { } x && Number("y") is { } y && Number("width") is > 0 and var width && Number("height") is > 0 and var height
            ? new PageArea(x, y, width, height)
            : throw ToolArguments.Wrong("clip", "an object with the numbers x, y, width and height", clip);

        double? Number(string name) => clip.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
    }
}
