namespace Agb.PowerShell;

/// <summary>Converts policies and mounts from another process.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RehydrateAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        object[] many => many.Select(One).ToArray(),
        _ => One(inputData),
    };

    private static object One(object item) => item is PSObject bag && TypeOf(bag) is { } type ? Object(bag, type) : item;

    private static Type? TypeOf(PSObject bag) => PropertyBag.TypeOf(bag) switch
    {
        nameof(AgbSyncPolicy) => typeof(AgbSyncPolicy),
        nameof(AgbContextSync) => typeof(AgbContextSync),
        _ => null,
    };

    private static object Object(PSObject bag, Type type)
    {
        var made = Activator.CreateInstance(type) ?? throw new PSInvalidCastException();
        foreach (var property in type.GetProperties().Where(p => p.CanWrite))
        {
            if (bag.Properties[property.Name] is { } given)
            {
                property.SetValue(made, Value(given.Value, property.PropertyType));
            }
        }
        return made;
    }

    private static object? Value(object? given, Type type)
    {
        if (given is null)
        {
            return null;
        }
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var item = type.GetGenericArguments()[0];
            var items = (LanguagePrimitives.GetEnumerable(given) ?? Array.Empty<object>()).Cast<object>().Select(i => Value(i, item)).ToArray();
            var list = Array.CreateInstance(item, items.Length);
            items.CopyTo(list, 0);
            return list;
        }
        return type is { IsClass: true, Namespace: nameof(Agb) } ? Object(PSObject.AsPSObject(given), type) : LanguagePrimitives.ConvertTo(given, type);
    }
}
