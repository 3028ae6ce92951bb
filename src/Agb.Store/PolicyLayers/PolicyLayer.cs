namespace Agb.Store;

/// <summary>One layer on top of the stored ones, created at its first entry.</summary>
/// <param name="directory">The layer's directory on the host; it does not exist yet.</param>
/// <param name="stored">The stored view; owned by the caller.</param>
/// <param name="cancellationToken">Cancels.</param>
internal sealed class PolicyLayer(string directory, MergedDirectory stored, CancellationToken cancellationToken) : IDisposable
{
    private const string Unpacking = "unpacked";

    private PolicyLayerWriter? _writer;

    internal PolicyLayerWriter Writer => _writer ??= new PolicyLayerWriter(directory, stored);

    /// <summary>Unpacks a user's archive beside itself or into a folder of its name, and hides it if the policy says so. An
    /// invalid archive leaves nothing behind.</summary>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal void Unpack(string path, AgbExtractPolicy policy)
    {
        var folder = policy.ExtractToCurrentFolder ? BytePath.DirectoryOf(path) : ArchiveNames.FolderOf(path);
        Unpack(path, isOwn: false, wanted: null, container =>
        {
            var tree = new UnpackedTree(Writer, stored);
            if (!tree.CanHold(folder))
            {
                throw ArchiveErrors.Invalid(path, $"was not unpacked: '{BytePath.ToDisplay(folder)}' is no directory");
            }
            if (folder.Length == 0)
            {
                using var content = container.OpenDirectoryAt(Unpacking);
                tree.MoveContent(content, folder);
            }
            else
            {
                tree.Move(container, Unpacking, folder);
            }
        });
        if (policy.DeleteSrcFile)
        {
            Writer.Hide(path);
        }
    }

    /// <summary>Unpacks the archive made by an upload of the whole mount, and hides it.</summary>
    /// <exception cref="AgbException">InvalidArchive.</exception>
    internal void UnpackMount(Func<string, bool>? wanted)
    {
        // First, because the archive may have a file of the same name inside.
        Writer.Hide(ArchiveNames.OfMount);
        Unpack(ArchiveNames.OfMount, isOwn: true, wanted, container =>
        {
            using var content = container.OpenDirectoryAt(Unpacking);
            new UnpackedTree(Writer, stored).MoveContent(content, "");
        });
    }

    /// <summary>Completes the layer.</summary>
    internal void Finish() => _writer?.Finish();

    /// <inheritdoc/>
    public void Dispose() => _writer?.Dispose();

    private void Unpack(string path, bool isOwn, Func<string, bool>? wanted, Action<Fd> move)
    {
        var scratch = directory + "-unpacking";
        TreeRemover.Remove(scratch);
        try
        {
            using var parent = Fd.OpenDirectory(Path.GetDirectoryName(directory)!);
            var name = BytePath.FromText(Path.GetFileName(scratch));
            parent.MkdirAt(name);
            using var container = parent.OpenDirectoryAt(name);
            using (var target = SessionOwner.MakeDirectory(container, Unpacking))
            {
                using var holder = stored.OpenPath(BytePath.DirectoryOf(path));
                using var file = holder.OpenRead(BytePath.NameOf(path));
                var format = isOwn ? ArchiveFormat.Zip : ArchiveNames.FormatOf(path)!.Value;
                Unpacker.Unpack(new PackedArchive(path, format, file, isOwn), target, wanted, cancellationToken);
            }
            move(container);
        }
        finally
        {
            TreeRemover.Remove(scratch);
        }
    }
}
