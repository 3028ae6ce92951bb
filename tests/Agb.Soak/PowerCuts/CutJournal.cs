using System.Globalization;
using System.Text.Json;

namespace Agb.Soak.PowerCuts;

/// <summary>A directory of files that are always written together, all with one value.</summary>
/// <param name="Context">The context's name.</param>
/// <param name="Directory">The directory in it.</param>
/// <param name="Files">How many files: f0, f1, ...</param>
internal sealed record Slot(string Context, string Directory, int Files)
{
    /// <summary>How often a value stands in a file, a line each: a file of which a part is missing is noticed.</summary>
    internal int Lines(int value) => Files > 2 ? 1 : 1 + (value % 5000);

    internal string Content(int value) =>
        string.Concat(Enumerable.Repeat(value.ToString(CultureInfo.InvariantCulture) + "\n", Lines(value)));

    /// <summary>A program that writes the value within a session that mounts the context's directory <c>/data</c>.</summary>
    internal string Script(int value) =>
        $"set -e; mkdir -p {Directory}; cd {Directory}; for i in $(seq 0 {Files - 1}); do yes {value} | head -n {Lines(value)} > f$i.new; mv f$i.new f$i; done";
}

/// <summary>The values that a slot may hold after a power cut: the last acknowledged one, and all later ones.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Values">The values; empty files are none of them.</param>
/// <param name="MayBeAbsent">Whether none was acknowledged.</param>
internal sealed record Expected(Slot Slot, IReadOnlyList<int> Values, bool MayBeAbsent);

/// <summary>The values that the load began to write and those that were acknowledged, in memory outside the device. One thread writes to a slot.</summary>
internal sealed class CutJournal
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Slot, List<int>> _begun = [];
    private readonly Dictionary<Slot, int> _acknowledged = [];
    private int _count;

    /// <summary>How many values were acknowledged.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>A value is about to be written.</summary>
    internal void Begin(Slot slot, int value)
    {
        lock (_lock)
        {
            if (!_begun.TryGetValue(slot, out var values))
            {
                (_begun[slot], _acknowledged[slot]) = ([], -1);
                values = _begun[slot];
            }
            values.Add(value);
        }
    }

    /// <summary>The value that was begun last is stored, says the service.</summary>
    internal void Acknowledge(Slot slot)
    {
        lock (_lock)
        {
            if (_begun.TryGetValue(slot, out var values) && _acknowledged[slot] != values.Count - 1)
            {
                _acknowledged[slot] = values.Count - 1;
                _count++;
            }
        }
    }

    /// <summary>Values that were begun and not acknowledged will never be stored.</summary>
    internal void GiveUp(Slot slot)
    {
        lock (_lock)
        {
            if (_begun.TryGetValue(slot, out var values))
            {
                values.RemoveRange(_acknowledged[slot] + 1, values.Count - _acknowledged[slot] - 1);
            }
        }
    }

    /// <summary>Which value of each slot was acknowledged last; taken before a cut.</summary>
    internal Dictionary<Slot, int> Acknowledged()
    {
        lock (_lock)
        {
            return new(_acknowledged);
        }
    }

    /// <summary>What slots may hold; taken after a cut.</summary>
    internal IReadOnlyList<Expected> After(Dictionary<Slot, int> acknowledgedBefore)
    {
        lock (_lock)
        {
            return [.. _begun.Select(b =>
            {
                var first = acknowledgedBefore.GetValueOrDefault(b.Key, -1);
                return new Expected(b.Key, [.. b.Value.Skip(Math.Max(0, first))], MayBeAbsent: first < 0);
            })];
        }
    }

    internal static void Save(string file, IReadOnlyList<Expected> expected) => File.WriteAllText(file, JsonSerializer.Serialize(expected));

    internal static IReadOnlyList<Expected> Load(string file) => JsonSerializer.Deserialize<Expected[]>(File.ReadAllText(file))!;
}
