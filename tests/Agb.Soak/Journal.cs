using System.Globalization;

namespace Agb.Soak;

/// <summary>What a worker was about to do, did, and was told, a line each; it outlives the worker. A line counts when it is whole.</summary>
internal sealed class Journal(string file)
{
    /// <summary>A value that a file may get from now on; null is that it is removed.</summary>
    internal void Edit(string path, int? value) => Write($"edit {path} {(value is { } v ? v.ToString(CultureInfo.InvariantCulture) : "-")}");

    /// <summary>All edits so far are in the session.</summary>
    internal void Edited() => Write("edited");

    /// <summary>An upload was acknowledged.</summary>
    internal void Acknowledged(string what) => Write($"acknowledged {what}");

    /// <summary>A session begins.</summary>
    internal void Began(string sessionId) => Write($"session {sessionId}");

    internal void Ended() => Write("ended");

    internal void Failed(string what) => Write($"failed {what.ReplaceLineEndings(" ")}");

    /// <summary>Whole lines, oldest first.</summary>
    internal static IEnumerable<string[]> Read(string file)
    {
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        var end = text.LastIndexOf('\n') + 1;
        return text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 3));
    }

    /// <summary>A line. Not flushed to the device: processes are killed, the machine is not.</summary>
    internal void Write(string line) => File.AppendAllText(file, line + "\n");
}

/// <summary>What one worker's files may hold, as its journal says it. Null stands for a file that is not there.</summary>
internal sealed class Model
{
    // What the store may hold, what the session may hold, and the edits that may or may not have been made in it yet.
    private readonly Dictionary<string, HashSet<int?>> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int?>> _session = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int?> _announced = new(StringComparer.Ordinal);

    internal int Edits { get; private set; }

    internal Dictionary<string, int> Acknowledged { get; } = [];

    internal List<string> Failures { get; } = [];

    /// <summary>The session that the worker had when it died, or null.</summary>
    internal string? Session { get; private set; }

    internal static Model Of(string file)
    {
        var model = new Model();
        foreach (var line in Journal.Read(file))
        {
            model.Apply(line);
        }
        return model;
    }

    /// <summary>What is wrong with what the store holds, a line each. An upload that nobody was told of may have been made.</summary>
    internal IEnumerable<string> Differences(string worker, IReadOnlyDictionary<string, int> held)
    {
        foreach (var (path, values) in _session)
        {
            int? now = held.TryGetValue(path, out var value) ? value : null;
            if (!values.Contains(now) && !_stored[path].Contains(now))
            {
                yield return $"{worker}: {path} is {Show(now)}; it may be {string.Join(" or ", values.Union(_stored[path]).Select(Show))}";
            }
        }
        foreach (var path in held.Keys.Where(p => !_session.ContainsKey(p)))
        {
            yield return $"{worker}: {path} was never written";
        }
    }

    private static string Show(int? value) => value is { } v ? v.ToString(CultureInfo.InvariantCulture) : "absent";

    private void Apply(string[] line)
    {
        switch (line[0])
        {
            case "edit":
                Edits++;
                Announce(line[1], line[2] == "-" ? null : int.Parse(line[2], CultureInfo.InvariantCulture));
                break;
            case "edited":
                foreach (var (path, value) in _announced)
                {
                    _session[path] = [value];
                }
                _announced.Clear();
                break;
            case "acknowledged":
                Acknowledged[line[1]] = Acknowledged.GetValueOrDefault(line[1]) + 1;
                Upload();
                break;
            case "session":
                Session = line[1];
                break;
            case "ended":
                Session = null;
                _announced.Clear();
                Upload();
                break;
            case "failed":
                Failures.Add(string.Join(' ', line));
                break;
            default:
                throw new InvalidDataException($"The journal says '{string.Join(' ', line)}'.");
        }
    }

    private void Announce(string path, int? value)
    {
        if (!_session.ContainsKey(path))
        {
            _session[path] = [null];
            _stored[path] = [null];
        }
        _session[path].Add(value);
        _announced[path] = value;
    }

    private void Upload()
    {
        foreach (var (path, values) in _session)
        {
            _stored[path] = [.. values];
        }
    }
}
