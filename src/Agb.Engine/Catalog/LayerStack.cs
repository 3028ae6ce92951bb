namespace Agb.Engine.Catalog;

/// <summary>The layers of a version, topmost first, in the form in which the catalog keeps them.</summary>
internal static class LayerStack
{
    internal static string Format(IEnumerable<string> layerIds) => string.Join(' ', layerIds);

    internal static string[] Parse(string stack) => stack.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
