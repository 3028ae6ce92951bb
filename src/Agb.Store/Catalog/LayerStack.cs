namespace Agb.Store;

/// <summary>The layers of a version, topmost first, in the catalog's text form.</summary>
internal static class LayerStack
{
    internal static string Format(IEnumerable<string> layerIds) => string.Join(' ', layerIds);

    internal static string[] Parse(string stack) => stack.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The layers of a stack without the bottom layers shared with another stack: consecutive
    /// versions share almost all.</summary>
    internal static string[] ParseOther(string stack, string other)
    {
        var same = 0;
        while (same < stack.Length && same < other.Length && stack[^(same + 1)] == other[^(same + 1)])
        {
            same++;
        }
        if (same == stack.Length && (same == other.Length || other[^(same + 1)] == ' '))
        {
            return [];
        }
        // The common suffix may start inside an id: ids with the same ending still differ.
        var begin = stack.IndexOf(' ', stack.Length - same);
        return Parse(begin < 0 ? stack : stack[..begin]);
    }
}
