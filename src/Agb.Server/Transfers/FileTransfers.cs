using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>The internal context of each session, for transfers of single files. Files for the session wait on the server until a
/// sync delivers them. Files from the session are not copied: a download reads the session's own file, and a sync in this
/// direction only checks the directory.</summary>
internal sealed class FileTransfers(IAgbService service, SessionMetadata notes, TimeProvider time, ILogger logger)
{
    /// <summary>The transfer directory in sessions, as told to clients.</summary>
    internal const string SessionDirectory = "/tmp/file_transfer";

    private readonly StagedFiles _staged = new(notes);
    private readonly SessionFiles _files = new(service);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<(string Path, AgbSyncTaskType Type), AgbSyncStatus>> _tasks = new(StringComparer.Ordinal);

    /// <summary>The session's own files.</summary>
    internal SessionFiles Files => _files;

    /// <summary>Makes the directory in the session.</summary>
    internal Task PrepareAsync(string sessionId, CancellationToken cancellationToken) =>
        _files.MakeDirectoryAsync(sessionId, SessionDirectory, cancellationToken);

    /// <summary>Stores a file for the session.</summary>
    internal Task PutAsync(string sessionId, string path, Stream content, CancellationToken cancellationToken) =>
        _staged.PutAsync(sessionId, path, content, cancellationToken);

    /// <summary>Opens a staged file, or returns null.</summary>
    internal FileStream? OpenStaged(string sessionId, string path) => _staged.Open(sessionId, path);

    /// <summary>Removes a staged file. Files in the session stay.</summary>
    internal void Delete(string sessionId, string path) => _staged.Delete(sessionId, path);

    /// <summary>The staged files directly in a directory.</summary>
    internal IEnumerable<AgbContextFile> List(string sessionId, string directory)
    {
        foreach (var path in _staged.Below(sessionId, directory).Where(p => p[..p.LastIndexOf('/')] == directory.TrimEnd('/')))
        {
            using var file = _staged.Open(sessionId, path);
            if (file is not null)
            {
                var time = File.GetLastWriteTimeUtc(file.SafeFileHandle);
                yield return new AgbContextFile
                {
                    ContextId = InternalContextId.Of(sessionId), Path = path, Size = file.Length, CreatedAt = time, ModifiedAt = time,
                };
            }
        }
    }

    /// <summary>Registers and starts a sync.</summary>
    /// <param name="sessionId">A session of the service.</param>
    /// <param name="path">The directory, as the client wrote it.</param>
    /// <param name="type">Download delivers staged files into the session.</param>
    /// <returns>The end of the sync, successful or not.</returns>
    /// <exception cref="AgbException">InvalidPath.</exception>
    internal Task Start(string sessionId, string path, AgbSyncTaskType type)
    {
        var normal = LinuxPath.Normalize(path);
        var task = new AgbSyncStatus
        {
            SessionId = sessionId,
            ContextId = InternalContextId.Of(sessionId),
            Path = path,
            TaskType = type,
            Status = AgbSyncTaskStatus.Running,
            StartTime = time.GetUtcNow(),
        };
        var tasks = TasksOf(sessionId);
        // A failed task would count as the result of every later wait.
        foreach (var (key, old) in tasks)
        {
            if (old is { Status: AgbSyncTaskStatus.Failed } && old.Path == path)
            {
                tasks.TryRemove(new KeyValuePair<(string, AgbSyncTaskType), AgbSyncStatus>(key, old));
            }
        }
        tasks[(path, type)] = task;
        return Task.Run(() => RunAsync(tasks, task, normal));
    }

    /// <summary>The current tasks of a session.</summary>
    internal IEnumerable<AgbSyncStatus> Tasks(string sessionId, string? path, AgbSyncTaskType? type) =>
        _tasks.TryGetValue(sessionId, out var tasks)
            ? tasks.Values.Where(t => (path is null || t.Path == path) && (type is null || t.TaskType == type)).OrderBy(t => t.StartTime)
            : [];

    /// <summary>The sessions with tasks.</summary>
    internal IEnumerable<string> Sessions() => _tasks.Keys;

    /// <summary>Forgets the tasks of a missing session.</summary>
    internal void Remove(string sessionId) => _tasks.TryRemove(sessionId, out _);

    private ConcurrentDictionary<(string Path, AgbSyncTaskType Type), AgbSyncStatus> TasksOf(string sessionId) =>
        _tasks.GetOrAdd(sessionId, _ => new ConcurrentDictionary<(string Path, AgbSyncTaskType Type), AgbSyncStatus>());

    /// <summary>Runs a task. Errors are stored in the task, because no caller awaits it.</summary>
    private async Task RunAsync(ConcurrentDictionary<(string Path, AgbSyncTaskType Type), AgbSyncStatus> tasks, AgbSyncStatus task, string directory)
    {
        AgbSyncStatus ended;
        try
        {
            var moved = task.TaskType == AgbSyncTaskType.Download
                ? await DeliverAsync(task.SessionId, directory).ConfigureAwait(false)
                : await LookAsync(task.SessionId, directory).ConfigureAwait(false);
            ended = task with { Status = AgbSyncTaskStatus.Success, FinishTime = time.GetUtcNow(), Files = moved };
        }
        catch (Exception e)
        {
            if (e is not AgbException)
            {
                logger.TransferFailed(task.SessionId, e);
            }
            var message = e is AgbException ? e.Message : "The server failed unexpectedly; its log has the reason.";
            ended = task with { Status = AgbSyncTaskStatus.Failed, FinishTime = time.GetUtcNow(), ErrorMessage = message };
        }
        tasks.TryUpdate((task.Path, task.TaskType), ended, task);
    }

    private async Task<long> DeliverAsync(string sessionId, string directory)
    {
        await _files.MakeDirectoryAsync(sessionId, directory, CancellationToken.None).ConfigureAwait(false);
        var paths = _staged.Below(sessionId, directory);
        foreach (var path in paths)
        {
            var file = _staged.Open(sessionId, path);
            if (file is null)
            {
                continue;
            }
            await using (file.ConfigureAwait(false))
            {
                await _files.WriteAsync(sessionId, path, file, CancellationToken.None).ConfigureAwait(false);
            }
            // The session's own file replaces it.
            _staged.Delete(sessionId, path);
        }
        return paths.Count;
    }

    private async Task<long> LookAsync(string sessionId, string directory) =>
        await _files.IsDirectoryAsync(sessionId, directory, CancellationToken.None).ConfigureAwait(false)
            ? 0
            : throw new AgbException(AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"The session has no directory '{directory}'.", null, directory);
}
