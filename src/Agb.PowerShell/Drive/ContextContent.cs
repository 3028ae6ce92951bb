using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Provider;
using System.Text;

namespace Agb.PowerShell;

/// <summary>The drive's parameters for Get-Content, Set-Content and Add-Content. Text is UTF-8 by default.</summary>
public sealed class ContextContentParameters
{
    /// <summary>The encoding of text; UTF-8 without a byte order mark by default. For reading, a byte order mark in the file
    /// goes first.</summary>
    [Parameter(HelpMessage = "The encoding of the text; utf8NoBOM unless given.")]
    [TextEncoding]
    [ArgumentCompleter(typeof(TextEncodingCompleter))]
    public Encoding Encoding { get; set; } = TextEncodingAttribute.Default;

    /// <summary>Bytes in place of lines.</summary>
    [Parameter(HelpMessage = "Bytes in place of lines of text.")]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>The whole text.</summary>
    [Parameter(HelpMessage = "Get the whole file as one text, or as one array of bytes.")]
    public SwitchParameter Raw { get; set; }

    /// <summary>No line ends.</summary>
    [Parameter(HelpMessage = "Write no line ends.")]
    public SwitchParameter NoNewline { get; set; }
}

/// <summary>Reads a file of a context as lines or bytes, as they come.</summary>
internal sealed class ContextContentReader(Stream content, ContextContentParameters parameters) : IContentReader
{
    private const int BytesAtOnce = 64 * 1024;

    private readonly StreamReader _text = new(content, parameters.Encoding, detectEncodingFromByteOrderMarks: true);
    private bool _isDone;

    public IList Read(long readCount)
    {
        if (_isDone)
        {
            return Array.Empty<object>();
        }
        if (parameters.Raw)
        {
            _isDone = true;
            if (!parameters.AsByteStream)
            {
                return new[] { _text.ReadToEnd() };
            }
            using var all = new MemoryStream();
            content.CopyTo(all);
            return new[] { all.ToArray() };
        }
        return parameters.AsByteStream ? Bytes(readCount) : Lines(readCount);
    }

    /// <summary>Not supported: a network stream can't be repositioned.</summary>
    public void Seek(long offset, SeekOrigin origin) => throw new PSNotSupportedException("Files of contexts are read from their start to their end.");

    public void Close() => _text.Dispose();

    public void Dispose() => Close();

    private List<object> Lines(long count)
    {
        var lines = new List<object>();
        while ((count <= 0 || lines.Count < count) && _text.ReadLine() is { } line)
        {
            lines.Add(line);
        }
        return lines;
    }

    private List<object> Bytes(long count)
    {
        var buffer = new byte[count <= 0 ? BytesAtOnce : Math.Min(count, BytesAtOnce)];
        var bytes = new List<object>();
        while (true)
        {
            var read = content.Read(buffer, 0, count <= 0 ? buffer.Length : (int)Math.Min(buffer.Length, count - bytes.Count));
            for (var i = 0; i < read; i++)
            {
                bytes.Add(buffer[i]);
            }
            if (read == 0 || (count > 0 && bytes.Count >= count))
            {
                return bytes;
            }
        }
    }
}

/// <summary>Collects written content and stores it as one change at the end, so that no reader sees half of it.</summary>
internal sealed class ContextContentWriter(ContextView view, string path, ContextContentParameters parameters, Func<bool> isStopping)
    : IContentWriter
{
    // Not in memory: the input may be larger.
    private readonly FileStream _gathered = new(
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName()), Platform.OwnerOnly(new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        }));

    private bool _isClosed;

    public IList Write(IList content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (_gathered.Position == 0 && !parameters.AsByteStream && content.Count > 0)
        {
            _gathered.Write(parameters.Encoding.Preamble);
        }
        foreach (var item in content)
        {
            if (parameters.AsByteStream)
            {
                _gathered.Write(item is PSObject { BaseObject: byte[] many } ? many : item as byte[] ?? [LanguagePrimitives.ConvertTo<byte>(item)]);
            }
            else
            {
                _gathered.Write(parameters.Encoding.GetBytes(LanguagePrimitives.ConvertTo<string>(item) + (parameters.NoNewline ? "" : "\n")));
            }
        }
        return content;
    }

    /// <summary>Add-Content asks for the end: the stored content goes before the new one.</summary>
    public void Seek(long offset, SeekOrigin origin)
    {
        if (origin != SeekOrigin.End || offset != 0)
        {
            return;
        }
        Task.Run(async () =>
        {
            if (await view.FindAsync(path, CancellationToken.None).ConfigureAwait(false) is { Type: AgbFileType.File })
            {
                await using var stored = await view.Service.OpenContextFileAsync(view.Context, path).ConfigureAwait(false);
                await stored.Content.CopyToAsync(_gathered).ConfigureAwait(false);
            }
        }).GetAwaiter().GetResult();
    }

    public void Close()
    {
        if (_isClosed)
        {
            return;
        }
        _isClosed = true;
        using (_gathered)
        {
            if (isStopping())
            {
                // Incomplete content must not replace the stored file.
                return;
            }
            _gathered.Position = 0;
            Task.Run(() => view.Service.ChangeContextFilesAsync(view.Context, Changes())).GetAwaiter().GetResult();
        }
    }

    public void Dispose() => Close();

    private async IAsyncEnumerable<AgbContextFileChange> Changes()
    {
        yield return new AgbContextFileChange.Put(path, _ => Task.FromResult<Stream>(_gathered));
        await Task.CompletedTask.ConfigureAwait(false);
    }
}
