using System.Buffers.Binary;

namespace Agb.Browser;

/// <summary>Pictures of a page.</summary>
internal static class PageCamera
{
    // Of the format.
    private const int MostPixelsOfJpeg = 65_535;

    /// <summary>Takes a picture.</summary>
    internal static async Task<AgbScreenshot> TakeAsync(ICDPSession page, PagePicture picture)
    {
        var clip = picture.Clip ?? (picture.FullPage ? await WholePageAsync(page).ConfigureAwait(false) : null);
        var arguments = new Dictionary<string, object>
        {
            ["format"] = picture.Format == AgbPictureFormat.Png ? "png" : "jpeg",
            ["captureBeyondViewport"] = clip is not null,
        };
        if (picture.Format == AgbPictureFormat.Jpeg)
        {
            arguments["quality"] = picture.Quality;
        }
        if (clip is { } area)
        {
            arguments["clip"] = new { x = area.X, y = area.Y, width = area.Width, height = area.Height, scale = 1 };
        }
        var answer = await page.SendAsync("Page.captureScreenshot", arguments).ConfigureAwait(false);
        var bytes = answer!.Value.GetProperty("data").GetBytesFromBase64();
        if (bytes.Length == 0)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidBrowserOption,
                string.Create(CultureInfo.InvariantCulture, $"The picture of {clip?.Width:0} by {clip?.Height:0} pixels does not fit the format {picture.Format}."),
                string.Create(CultureInfo.InvariantCulture, $"Use PNG: a JPEG has at most {MostPixelsOfJpeg} pixels a side."));
        }
        var (width, height) = picture.Format == AgbPictureFormat.Png ? SizeOfPng(bytes) : SizeOfJpeg(bytes);
        return new AgbScreenshot { Bytes = bytes, Format = picture.Format, Width = width, Height = height };
    }

    private static async Task<PageArea?> WholePageAsync(ICDPSession page)
    {
        // The scroll bars go only with the first picture beyond the visible part.
        var onePixel = new { format = "png", captureBeyondViewport = true, clip = new { x = 0, y = 0, width = 1, height = 1, scale = 1 } };
        await page.SendAsync("Page.captureScreenshot", onePixel).ConfigureAwait(false);
        var metrics = await page.SendAsync("Page.getLayoutMetrics").ConfigureAwait(false);
        var size = metrics!.Value.GetProperty("cssContentSize");
        return new PageArea(0, 0, size.GetProperty("width").GetDouble(), size.GetProperty("height").GetDouble());
    }

    private static (int Width, int Height) SizeOfPng(ReadOnlySpan<byte> png) =>
        (BinaryPrimitives.ReadInt32BigEndian(png[16..]), BinaryPrimitives.ReadInt32BigEndian(png[20..]));

    // Segments of a marker and a length, up to the start of a frame.
    private static (int Width, int Height) SizeOfJpeg(ReadOnlySpan<byte> jpeg)
    {
        var at = 2;
        while (jpeg[at + 1] is not (>= 0xC0 and <= 0xC3))
        {
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        }
        return (BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 5)..]));
    }
}
