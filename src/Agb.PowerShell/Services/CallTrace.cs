using System.Reflection;

namespace Agb.PowerShell;

/// <summary>A service wrapper with a wire trace: it writes each call with its arguments, then makes it. Used only with a
/// listener.</summary>
internal class CallTrace : DispatchProxy
{
    private const int MostCharacters = 200;

    private IAgbService? _service;

    /// <summary>The service itself, or with a listener, its tracing wrapper.</summary>
    internal static IAgbService Around(IAgbService service)
    {
        if (!WireTrace.IsOn || service is CallTrace)
        {
            return service;
        }
        var traced = Create<IAgbService, CallTrace>();
        ((CallTrace)traced)._service = service;
        return traced;
    }

    /// <summary>The wrapped service: emitted objects must carry it, and not the wrapper.</summary>
    internal static IAgbService Inner(IAgbService service) => (service as CallTrace)?._service ?? service;

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        var service = _service ?? throw new InvalidOperationException("The service is set when the trace is made.");
        if (!targetMethod.IsSpecialName)
        {
            var names = targetMethod.GetParameters();
            var told = names.Zip(args ?? [])
                .Where(a => a.First.ParameterType != typeof(CancellationToken))
                .Select(a => $"{a.First.Name}: {Text(a.Second)}");
            WireTrace.Write($"{service.Name}.{targetMethod.Name}({string.Join(", ", told)})");
        }
        try
        {
            return targetMethod.Invoke(service, args);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    /// <summary>Formats a value for people. Table values may be secrets; keys are not.</summary>
    private static string Text(object? value)
    {
        switch (value)
        {
            case null:
                return "null";
            case string text:
                return $"'{(text.Length > MostCharacters ? text[..MostCharacters] + "..." : text)}'";
            case ContextId or SessionId:
                return Text(value.ToString());
            case IReadOnlyDictionary<string, string> table:
                return $"{{{string.Join(", ", table.Keys.Select(k => $"{k}={WireTrace.Masked}"))}}}";
            case IEnumerable many and not string:
                return $"[{string.Join(", ", many.Cast<object?>().Select(Text))}]";
            case IFormattable formattable:
                return formattable.ToString(null, CultureInfo.InvariantCulture);
        }
        var type = value.GetType();
        if (type.Namespace?.StartsWith("Agb", StringComparison.Ordinal) != true)
        {
            return type == typeof(bool) ? value.ToString()! : type.Name;
        }
        var set = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && p.GetIndexParameters().Length == 0)
            .Select(p => (p.Name, Value: p.GetValue(value)))
            .Where(p => p.Value is not (null or false or 0 or 0L) and not ICollection { Count: 0 } and not IAgbService)
            .Select(p => $"{p.Name}: {Text(p.Value)}");
        return $"{{ {string.Join(", ", set)} }}";
    }
}
