using System.Management.Automation;
using System.Text;
using Agb.PowerShell.Files;

namespace Agb.PowerShell.Drive;

/// <content>What changes contexts and files: each call is one version, or nothing.</content>
public sealed partial class ContextDriveProvider
{
    /// <inheritdoc/>
    protected override void NewItem(string path, string itemTypeName, object newItemValue)
    {
        var target = DrivePath.Parse(path);
        var isDirectory = "directory".StartsWith(itemTypeName ?? "file", StringComparison.OrdinalIgnoreCase)
            || string.Equals(itemTypeName, "container", StringComparison.OrdinalIgnoreCase);
        if (!ShouldProcess(target.ToString(), target.IsContext ? "Create context" : isDirectory ? "Create directory" : "Create file"))
        {
            return;
        }
        Do(path, async token =>
        {
            if (target.IsContext)
            {
                var context = await Service(target).CreateContextAsync(target.Context!, Force, token).ConfigureAwait(false);
                return () => Write(new Item(target, context));
            }
            var view = await ViewAsync(target, token).ConfigureAwait(false);
            if (!Force && await FindAsync(target, token).ConfigureAwait(false) is not null)
            {
                throw new AgbException(
                    AgbErrorIds.WrongFileType, AgbErrorKind.AlreadyExists, $"There is something at '{target.Path}' of context '{target.Context}' already.",
                    "Replace it by -Force.", path);
            }
            var text = Encoding.UTF8.GetBytes(newItemValue is null ? "" : LanguagePrimitives.ConvertTo<string>(newItemValue));
            await ChangeAsync(
                view, isDirectory
                    ? new AgbContextFileChange.MakeDirectory(target.Path)
                    : new AgbContextFileChange.Put(target.Path, _ => Task.FromResult<Stream>(new MemoryStream(text))),
                token).ConfigureAwait(false);
            var made = await RequireAsync(target, token).ConfigureAwait(false);
            return () => Write(made);
        });
    }

    /// <inheritdoc/>
    protected override void RemoveItem(string path, bool recurse)
    {
        var target = DrivePath.Parse(path);
        if (!ShouldProcess(target.ToString(), target.IsContext ? "Delete context and all its versions" : "Remove"))
        {
            return;
        }
        Do(path, async token =>
        {
            var view = await ViewAsync(RequireChild(target), token).ConfigureAwait(false);
            await (target.IsContext
                ? view.Service.RemoveContextAsync(view.Context.Id, token)
                : ChangeAsync(view, new AgbContextFileChange.Remove(target.Path, recurse), token)).ConfigureAwait(false);
            return () => { };
        });
    }

    /// <inheritdoc/>
    protected override void RenameItem(string path, string newName)
    {
        var source = DrivePath.Parse(path);
        if (source.IsContext)
        {
            if (ShouldProcess(source.ToString(), $"Rename context to '{newName}'"))
            {
                Do(path, async token =>
                {
                    var view = await ViewAsync(source, token).ConfigureAwait(false);
                    var context = await view.Service.RenameContextAsync(view.Context.Id, newName, token).ConfigureAwait(false);
                    return () => Write(new Item(source with { Context = context.Name }, context));
                });
            }
            return;
        }
        Transfer(path, source with { Path = ContextPath.Join(ContextPath.Parent(source.Path), newName) }, recurse: true, move: true, exact: true);
    }

    /// <inheritdoc/>
    protected override void CopyItem(string path, string copyPath, bool recurse) =>
        Transfer(path, DrivePath.Parse(copyPath), recurse, move: false, exact: false);

    /// <inheritdoc/>
    protected override void MoveItem(string path, string destination) =>
        Transfer(path, DrivePath.Parse(destination), recurse: true, move: true, exact: false);

    /// <summary>Copies or moves files within the drive.</summary>
    /// <param name="path">What to copy.</param>
    /// <param name="target">Where to: an existing directory gets it under its own name, unless <paramref name="exact"/>.</param>
    /// <param name="recurse">Whether what is in a directory is wanted.</param>
    /// <param name="move">Whether the source goes.</param>
    /// <param name="exact">Whether the target is the new path itself.</param>
    private void Transfer(string path, DrivePath target, bool recurse, bool move, bool exact)
    {
        var source = DrivePath.Parse(path);
        if (!ShouldProcess($"{source} to {target}", move ? "Move" : "Copy"))
        {
            return;
        }
        Do(path, async token =>
        {
            if (RequireChild(source).IsContext)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidPath, $"'{source}' is a whole context, which can't be copied or moved.",
                    $"Copy what is in it: '{source}/*'.", path);
            }
            var item = await RequireAsync(source, token).ConfigureAwait(false);
            var from = await ViewAsync(source, token).ConfigureAwait(false);
            var to = await ViewAsync(RequireChild(target), token).ConfigureAwait(false);
            var there = exact ? null : await FindAsync(target, token).ConfigureAwait(false);
            var place = there is { IsContainer: true } ? ContextPath.Join(target.Path, item.Name) : target.Path;
            var isSame = ReferenceEquals(from.Service, to.Service) && from.Context.Id == to.Context.Id;
            if (isSame && LinuxPath.IsAtOrBelow(place, source.Path))
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"'{place}' is '{source.Path}' itself or lies in it.", "Choose another destination.", path);
            }
            await to.Service.ChangeContextFilesAsync(
                to.Context.Id, CopiesAsync(from, (AgbContextFile)item.Value!, place, recurse, removeSource: move && isSame, token), token).ConfigureAwait(false);
            if (move && !isSame)
            {
                // Only when the copy is stored: what breaks off between leaves both.
                await ChangeAsync(from, new AgbContextFileChange.Remove(source.Path, Recurse: true), token).ConfigureAwait(false);
            }
            var moved = target with { Path = place };
            var made = await RequireAsync(moved, token).ConfigureAwait(false);
            return () => Write(made);
        });
    }

    private static async IAsyncEnumerable<AgbContextFileChange> CopiesAsync(
        ContextView from, AgbContextFile root, string place, bool recurse, bool removeSource,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        yield return Copy(from, root, place);
        if (root.Type == AgbFileType.Directory && recurse)
        {
            await foreach (var file in from.ListAsync(root.Path, recurse: true, token).ConfigureAwait(false))
            {
                yield return Copy(from, file, ContextPath.Join(place, ContextPath.Below(file.Path, root.Path)));
            }
        }
        if (removeSource)
        {
            yield return new AgbContextFileChange.Remove(root.Path, Recurse: true);
        }
    }

    private static AgbContextFileChange Copy(ContextView from, AgbContextFile file, string path) => file.Type switch
    {
        AgbFileType.Directory => new AgbContextFileChange.MakeDirectory(path) { Mode = file.Mode },
        AgbFileType.SymbolicLink => new AgbContextFileChange.Link(path, file.LinkTarget ?? ""),
        _ => new AgbContextFileChange.Put(path, TreeEntry.Of(file, from).Open) { Mode = file.Mode, ModifiedAt = file.ModifiedAt },
    };

    private static Task ChangeAsync(ContextView view, AgbContextFileChange change, CancellationToken token)
    {
        return view.Service.ChangeContextFilesAsync(view.Context.Id, One(), token);

        async IAsyncEnumerable<AgbContextFileChange> One()
        {
            yield return change;
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    private static DrivePath RequireChild(DrivePath path) => path.IsRoot
        ? throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, "The root of the drive is the list of contexts.", "Name a context, such as agb:/my-context.", "/")
        : path;
}
