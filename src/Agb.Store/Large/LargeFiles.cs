namespace Agb.Store;

/// <summary>Contents of large files: <c>large/ID</c> is a whole file, <c>large/ID.delta</c> its difference to another content. A content
/// may have both, and then is read from the whole file; it never changes. So a reader follows the deltas to the first whole file, and
/// begins again if another process has replaced one form by the other meanwhile.</summary>
internal sealed class LargeFiles(StorePaths paths)
{
    /// <summary>Least size of a large file.</summary>
    internal const long DefaultMinSize = 64 << 20;

    internal const string DeltaSuffix = ".delta";

    /// <summary>Suffix of a whole file on its way from an older content to this one (<see cref="LargeMoves"/>).</summary>
    internal const string MovingSuffix = ".moving";

    // Milliseconds: a flush of a slow device.
    private const int MostTries = 60_000;

    private const int MostMissing = 3;
    private const int MostDeltas = 100_000;

    /// <summary>Least size of a large file in this process; tests lower it.</summary>
    internal static long MinSize { get; set; } = DefaultMinSize;

    /// <summary>The content's id of a file in a placed layer; null for all other files.</summary>
    /// <param name="holder">The file's directory.</param>
    /// <param name="name">The file's name.</param>
    internal string? IdOf(Fd holder, string name)
    {
        var layers = BytePath.FromText(paths.Layers) + "/";
        if (!holder.Path.StartsWith(layers, StringComparison.Ordinal))
        {
            return null;
        }
        // A directory may have been opened by itself, as ".".
        string[] names = [.. holder.Path[layers.Length..].Split('/').Where(n => n is not ("" or ".")), name];
        return names.Length > 2 && names[1] == "tree" && LargeIndex.OfLayer(paths, names[0]) is { Ids.Count: > 0 } index
            ? index.Ids.GetValueOrDefault(string.Join('/', names[2..]))
            : null;
    }

    /// <summary>Opens a stored file for reading its content. A large file without a whole form gets one, except in a read-only store.</summary>
    /// <param name="holder">The file's directory, of a layer or elsewhere.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal Fd OpenRead(Fd holder, string name)
    {
        if (IdOf(holder, name) is not { } id)
        {
            return holder.OpenReadAt(name);
        }
        for (var isBusy = false; ;)
        {
            using var large = OpenDirectory();
            if (TryOpenBody(large, id, ref isBusy) is { } whole)
            {
                return whole;
            }
            if (paths.IsReadOnly)
            {
                return OpenAside(id);
            }
            new LargeMoves(paths).MakeWhole(id);
        }
    }

    /// <summary>Opens a stored file as a stream, without a new file.</summary>
    /// <param name="holder">The file's directory, of a layer or elsewhere.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal LargeContentStream? TryOpenStream(Fd holder, string name)
    {
        if (IdOf(holder, name) is not { } id)
        {
            return null;
        }
        var content = Open(id);
        try
        {
            content.Verify();
            return new LargeContentStream(content);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Opens a content.</summary>
    /// <exception cref="AgbException">StoreCorrupt: it is missing.</exception>
    internal LargeContent Open(string id)
    {
        using var large = OpenDirectory();
        for (var (tries, missing) = (0, 0); tries < MostTries && missing < MostMissing; tries++)
        {
            var isBusy = false;
            if (TryOpen(large, id, ref isBusy) is { } content)
            {
                return content;
            }
            missing = isBusy ? 0 : missing + 1;
#pragma warning disable RS0030 // The caller is synchronous; another process changes the form of the content.
            Thread.Sleep(1);
#pragma warning restore RS0030
        }
        throw LargeErrors.Damaged($"large/{id}");
    }

    /// <summary>Whether a content has a whole file.</summary>
    internal bool IsWhole(string id) => File.Exists(Path.Combine(paths.Large, id));

    /// <summary>Whether the store may have large files.</summary>
    internal bool HasAny => Directory.Exists(paths.Large);

    internal Fd OpenDirectory() => Fd.OpenDirectory(paths.Large);

    /// <summary>Opens the delta of a content; null if it has none.</summary>
    internal static LargeDelta? TryOpenDelta(Fd large, string id)
    {
        try
        {
            return LargeDelta.Read(large.OpenReadAt(id + DeltaSuffix));
        }
        catch (PosixException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    private static LargeContent? TryOpen(Fd large, string id, ref bool isBusy)
    {
        var deltas = new List<LargeDelta>();
        Fd? body = null;
        try
        {
            for (var at = id; (body = TryOpenBody(large, at, ref isBusy)) is null;)
            {
                body = TryOpenBody(large, at + MovingSuffix, ref isBusy);
                if (TryOpenDelta(large, at) is not { } delta || deltas.Count == MostDeltas)
                {
                    return null;
                }
                deltas.Add(delta);
                at = delta.Base;
                if (body is not null)
                {
                    break;
                }
            }
            deltas.Reverse();
            var content = new LargeContent(body, [.. deltas]);
            (body, deltas) = (null, []);
            return content;
        }
        finally
        {
            body?.Dispose();
            deltas.ForEach(d => d.Dispose());
        }
    }

    /// <summary>Opens a whole file with a shared lock: it is not changed before its last descriptor is closed.</summary>
    private static Fd? TryOpenBody(Fd large, string name, ref bool isBusy)
    {
        Fd body;
        try
        {
            body = large.OpenReadAt(name);
        }
        catch (PosixException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
        // The file may have moved on to another content between the two calls.
        if (body.TryLock(shared: true) && large.TryStatAt(name) is { } named && named.IsInode(body.Stat()))
        {
            return body;
        }
        body.Dispose();
        isBusy = true;
        return null;
    }

    /// <summary>Opens a temporary copy outside of a read-only store.</summary>
    private Fd OpenAside(string id)
    {
        using var directory = Fd.OpenDirectory(Path.GetTempPath());
        var copy = ".agb-" + RandomId.New();
        try
        {
            using (var large = OpenDirectory())
            using (var content = Open(id))
            using (var delta = large.OpenReadAt(id + DeltaSuffix))
            using (var target = directory.CreateAt(copy))
            {
                content.CopyTo(target);
                Xattrs.Copy(delta, target);
                target.SetMtime(delta.Stat().MtimeNs);
            }
            return directory.OpenReadAt(copy);
        }
        finally
        {
            TreeRemover.RemoveAt(directory, copy);
        }
    }
}
