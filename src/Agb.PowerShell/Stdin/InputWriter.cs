namespace Agb.PowerShell;

/// <summary>Writes objects for a program's stdin: bytes as they are, text and numbers as lines of UTF-8, and other objects as
/// lines of their PowerShell display. Belongs to the pipeline thread.</summary>
internal sealed class InputWriter(Action<ReadOnlyMemory<byte>> write) : IDisposable
{
    private SteppablePipeline? _view;

    /// <summary>Writes one object.</summary>
    internal void Add(object? value)
    {
        var plain = Arguments.Plain(value);
        switch (plain)
        {
            case null:
                break;
            case byte[] bytes:
                EndView();
                write(bytes);
                break;
            case byte one:
                EndView();
                write(new[] { one });
                break;
            case IConvertible or Guid or TimeSpan or DateTimeOffset or Uri or Version:
                EndView();
                Line(LanguagePrimitives.ConvertTo<string>(plain));
                break;
            default:
                View(value!);
                break;
        }
    }

    /// <summary>Writes an argument: the items of a list one after the other.</summary>
    internal void AddAll(object? value)
    {
        var plain = Arguments.Plain(value);
        if (plain is IEnumerable items and not (string or byte[] or IDictionary))
        {
            foreach (var item in items)
            {
                Add(item);
            }
        }
        else
        {
            Add(value);
        }
    }

    /// <summary>Ends the input.</summary>
    internal void End() => EndView();

    /// <inheritdoc/>
    public void Dispose() => _view?.Dispose();

    private void Line(string text) => write(Encoding.UTF8.GetBytes(text + "\n"));

    private void View(object value)
    {
        if (_view is null)
        {
            _view = ScriptBlock.Create("Out-String -Stream").GetSteppablePipeline(CommandOrigin.Internal);
            _view.Begin(expectInput: true);
        }
        Lines(_view.Process(value));
    }

    private void EndView()
    {
        if (_view is { } view)
        {
            _view = null;
            using (view)
            {
                Lines(view.End());
            }
        }
    }

    private void Lines(Array lines)
    {
        foreach (var line in lines)
        {
            Line(LanguagePrimitives.ConvertTo<string>(line));
        }
    }
}
