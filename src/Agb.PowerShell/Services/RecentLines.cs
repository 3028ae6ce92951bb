using System.Collections.Concurrent;

namespace Agb.PowerShell;

/// <summary>The last lines of a log, each taken once. All members are safe from any thread.</summary>
internal sealed class RecentLines
{
    private const int Most = 100;

    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Adds a line. The oldest line gives way beyond the limit.</summary>
    internal void Add(string line)
    {
        _lines.Enqueue(line);
        if (_lines.Count > Most)
        {
            _lines.TryDequeue(out _);
        }
    }

    /// <summary>Takes the oldest line; null if there is none.</summary>
    internal string? Take() => _lines.TryDequeue(out var line) ? line : null;
}
