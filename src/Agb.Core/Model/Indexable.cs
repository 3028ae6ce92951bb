using System.Collections.ObjectModel;

namespace Agb;

/// <summary>Keeps lists and tables in a form that scripts can index and that reads as its values where one text is wanted, as in a
/// CSV file: PowerShell can index a list, but not the types that the compiler makes for a collection expression whose target is an
/// interface.</summary>
internal static class Indexable
{
    /// <summary>A list in that form. Empty ones are one and the same, so that records that hold them are equal.</summary>
    internal static IReadOnlyList<T> List<T>(IReadOnlyList<T> items) =>
        items as TextList<T> ?? (items.Count == 0 ? TextList<T>.None : new TextList<T>([.. items]));

    internal static IReadOnlyDictionary<string, string> Table(IReadOnlyDictionary<string, string> items) =>
        items as TextTable ?? new TextTable(new Dictionary<string, string>(items));

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
