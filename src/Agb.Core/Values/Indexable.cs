using System.Collections.ObjectModel;

namespace Agb;

/// <summary>Makes lists and tables indexable for scripts, with their values as text, as in a CSV file.</summary>
/// <remarks>PowerShell can index a list, but not the compiler's types for a collection expression with an interface as
/// target.</remarks>
internal static class Indexable
{
    /// <summary>An indexable list; null is an empty one. Empty lists are the same object, so that records with them are equal.</summary>
    internal static IReadOnlyList<T> List<T>(IReadOnlyList<T>? items) =>
        items as TextList<T> ?? (items is not { Count: > 0 } ? TextList<T>.None : new TextList<T>([.. items]));

    /// <summary>An indexable table; null is an empty one.</summary>
    internal static IReadOnlyDictionary<string, string> Table(IReadOnlyDictionary<string, string>? items) =>
        items as TextTable ?? new TextTable(new Dictionary<string, string>(items ?? new Dictionary<string, string>()));

    private sealed class TextList<T>(T[] items) : ReadOnlyCollection<T>(items)
    {
        internal static readonly TextList<T> None = new([]);

        public override string ToString() => string.Join("; ", this);
    }

    private sealed class TextTable(Dictionary<string, string> items) : ReadOnlyDictionary<string, string>(items)
    {
        public override string ToString() => string.Join("; ", this.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => $"{i.Key}={i.Value}"));
    }
}
