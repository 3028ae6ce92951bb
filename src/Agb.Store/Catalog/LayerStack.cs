namespace Agb.Store;

/// <summary>The layers of a version, topmost first, in the form in which the catalog keeps them.</summary>
internal static class LayerStack
{
    internal static string Format(IEnumerable<string> layerIds) => string.Join(' ', layerIds);

    internal static string[] Parse(string stack) => stack.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The layers of a stack but those at its bottom that another one has at its bottom too: versions in a row share
    /// almost all.</summary>
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
        // Ids that only end alike are not the same.
        var begin = stack.IndexOf(' ', stack.Length - same);
        return Parse(begin < 0 ? stack : stack[..begin]);
    }
}
