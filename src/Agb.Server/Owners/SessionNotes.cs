using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Owners;

/// <summary>What the server keeps of an owner's sessions beside the service: mount paths as clients wrote them, where that is
/// not how the service has them, and files on their way. A directory for each session that has any.</summary>
internal sealed partial class SessionNotes(string directory, ILogger logger)
{
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _paths = new(StringComparer.Ordinal);

    /// <summary>The directory of a session's files on their way.</summary>
    internal string TransferDirectory(string sessionId) => Path.Combine(directory, sessionId, "transfer");

    /// <summary>Keeps how mount paths were written.</summary>
    /// <param name="sessionId">A session of the service, whose ids are fit for file names.</param>
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

    /// <summary>The mount path as the client wrote it.</summary>
    internal string WrittenPath(string sessionId, string path) => _paths.GetOrAdd(sessionId, Read).GetValueOrDefault(path, path);

    /// <summary>Forgets a session.</summary>
    internal void Remove(string sessionId)
    {
        _paths.TryRemove(sessionId, out _);
        try
        {
            Directory.Delete(Path.Combine(directory, sessionId), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Most sessions have none.
        }
        catch (IOException e)
        {
            // A file that is being stored at this moment; the next look finds it.
            LogNotRemoved(sessionId, e);
        }
    }

    /// <summary>The sessions of which something is kept.</summary>
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the server kept of the session {SessionId} could not be removed yet.")]
    private partial void LogNotRemoved(string sessionId, Exception exception);
}

/// <summary>Source-generated JSON of session notes.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class NotesJson : JsonSerializerContext;
