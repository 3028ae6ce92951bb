namespace Agb;

/// <summary>Keeps lists in a form that scripts can index: PowerShell can index an array, but not the types that the
/// compiler makes for a collection expression whose target is an interface.</summary>
internal static class Indexable
{
    internal static IReadOnlyList<T> List<T>(IReadOnlyList<T> items) => items as T[] ?? items.ToArray();
}
