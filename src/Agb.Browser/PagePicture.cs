namespace Agb.Browser;

/// <summary>A request for a picture of a page.</summary>
public sealed record PagePicture
{
    /// <summary>The format.</summary>
    public AgbPictureFormat Format { get; init; }

    /// <summary>The quality of a JPEG, 0 to 100.</summary>
    public int Quality { get; init; } = 80;

    /// <summary>Whether the picture holds the whole page, and not its visible part alone.</summary>
    public bool FullPage { get; init; }

    /// <summary>A part of the page, in CSS pixels from its top left corner; null for no part.</summary>
    public PageArea? Clip { get; init; }
}

/// <summary>A part of a page, in CSS pixels.</summary>
/// <param name="X">The distance from the left.</param>
/// <param name="Y">The distance from the top.</param>
/// <param name="Width">The width.</param>
/// <param name="Height">The height.</param>
public readonly record struct PageArea(double X, double Y, double Width, double Height);
