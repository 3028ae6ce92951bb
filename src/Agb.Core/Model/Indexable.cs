using System.Collections.ObjectModel;

namespace Agb;

/// <summary>Keeps lists and tables in a form that scripts can index and that reads as its values where one text is wanted, as in a
/// CSV file: PowerShell can index a list, but not the types that the compiler makes for a collection expression whose target is an
/// interface.</summary>
internal static class Indexable
{
    internal static IReadOnlyList<T> List<T>(IReadOnlyList<T> items) => items as TextList<T> ?? new TextList<T>([.. items]);

    internal static IReadOnlyDictionary<string, string> Table(IReadOnlyDictionary<string, string> items) =>
        items as TextTable ?? new TextTable(new Dictionary<string, string>(items));

    private sealed class TextList<T>(T[] items) : ReadOnlyCollection<T>(items)
    {
        public override string ToString() => string.Join("; ", this);
    }

    private sealed class TextTable(Dictionary<string, string> items) : ReadOnlyDictionary<string, string>(items)
    {
        public override string ToString() => string.Join("; ", this.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => $"{i.Key}={i.Value}"));
    }
}
