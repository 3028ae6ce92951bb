namespace Agb.Server;

/// <summary>The mode of a live view in a path.</summary>
internal static class ViewWord
{
    private const string Control = "control";
    private const string ViewOnly = "watch";

    /// <summary>The word for a mode.</summary>
    internal static string Of(AgbDesktopViewMode mode) => mode == AgbDesktopViewMode.Control ? Control : ViewOnly;

    /// <summary>The mode of a word, or null.</summary>
    internal static AgbDesktopViewMode? Parse(object? word) => word switch
    {
        Control => AgbDesktopViewMode.Control,
        ViewOnly => AgbDesktopViewMode.ViewOnly,
        _ => null,
    };
}
