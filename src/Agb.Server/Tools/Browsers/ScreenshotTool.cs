using System.Text.Json;
using Agb.Browser;

namespace Agb.Server;

/// <summary>Takes a picture of a session: of its screen, or without one of the visible part of the browser's page in front.</summary>
internal sealed class ScreenshotTool : SessionTool
{
    private static readonly string[] s_formats = ["png", "jpeg"];

    internal override string Name => "screenshot";

    internal override string Description => "Takes a picture of the screen, or without a screen of the browser's page in front, in base64.";

    internal override string InputSchema => ToolArgument.Schema([new("format", "string", "png by default") { IsOptional = true, Values = s_formats }]);

    /// <inheritdoc/>
    internal override bool IsFor(AgbImage? image) => image is { HasDesktop: true } or { HasBrowser: true };

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var format = (AgbPictureFormat)PointerTools.Choice(call, "format", s_formats, "png");
        var picture = await ScreenAsync(call, format, cancellationToken).ConfigureAwait(false)
            ?? await BrowserTool.WithPagesAsync(
                call, BrowserTool.StandardMilliseconds,
                async (pages, limit) => await pages.TakeScreenshotAsync(
                    await BrowserTool.RequireFrontPageAsync(pages, limit).ConfigureAwait(false), new PagePicture { Format = format }, limit).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        var answer = new ScreenshotAnswer("screenshot", $"image/{s_formats[(int)format]}", picture.Bytes, picture.Width, picture.Height);
        return new ToolResult(JsonSerializer.Serialize(answer, DesktopToolJson.Default.ScreenshotAnswer));
    }

    /// <summary>The picture of the screen; null for a session without one.</summary>
    private static async Task<AgbScreenshot?> ScreenAsync(ToolCall call, AgbPictureFormat format, CancellationToken cancellationToken)
    {
        try
        {
            var desktops = call.Service as IDesktopService ?? throw AgbErrors.NotSupported(call.Service.Name, "desktops in sessions");
            return await desktops.TakeScreenshotAsync(call.Session(), format, cancellationToken).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.NotSupported && call.Service is IBrowserService)
        {
            return null;
        }
    }
}
