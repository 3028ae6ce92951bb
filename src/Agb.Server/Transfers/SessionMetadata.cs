using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>The server's own data about an owner's sessions: the client's form of mount paths, if different from the service's,
/// and staged files. Each session with such data has a directory.</summary>
internal sealed class SessionMetadata(string directory, ILogger logger)
{
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _paths = new(StringComparer.Ordinal);

    /// <summary>The directory of a session's staged files.</summary>
    internal string TransferDirectory(string sessionId) => Path.Combine(directory, sessionId, "transfer");

    /// <summary>Stores the client's form of the mount paths.</summary>
    /// <param name="sessionId">A session of the service. Its ids are valid file names.</param>
    /// <param name="written">The paths as the client wrote them.</param>
    internal void KeepPaths(string sessionId, IEnumerable<string> written)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in written)
        {
            if (LinuxPath.Normalize(path) is var normal && normal != path)
            {
                paths[normal] = path;
            }
        }
        _paths[sessionId] = paths;
        if (paths.Count > 0)
        {
            PrivateFile.MakeDirectory(directory);
            PrivateFile.MakeDirectory(Path.Combine(directory, sessionId));
            PrivateFile.Replace(PathsFile(sessionId), JsonSerializer.SerializeToUtf8Bytes(paths, NotesJson.Default.DictionaryStringString));
        }
    }

    /// <summary>The client's form of a mount path.</summary>
    internal string WrittenPath(string sessionId, string path) => _paths.GetOrAdd(sessionId, Read).GetValueOrDefault(path, path);

    /// <summary>Removes the data about a session.</summary>
    internal void Remove(string sessionId)
    {
        _paths.TryRemove(sessionId, out _);
        try
        {
            Directory.Delete(Path.Combine(directory, sessionId), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Most sessions have no directory.
        }
        catch (IOException e)
        {
            // A file is being stored at this moment; the next cleanup removes it.
            logger.SessionDataKept(sessionId, e);
        }
    }

    /// <summary>The sessions with data here.</summary>
    internal IEnumerable<string> Sessions() =>
        _paths.Keys.Union(Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Select(d => Path.GetFileName(d)) : []);

    private string PathsFile(string sessionId) => Path.Combine(directory, sessionId, "paths.json");

    private IReadOnlyDictionary<string, string> Read(string sessionId)
    {
        var file = PathsFile(sessionId);
        return File.Exists(file)
            ? JsonSerializer.Deserialize(File.ReadAllBytes(file), NotesJson.Default.DictionaryStringString)!
            : new Dictionary<string, string>();
    }
}

/// <summary>Source-generated JSON of session notes.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class NotesJson : JsonSerializerContext;
