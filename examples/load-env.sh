# Export each line of kore.env as it is, as `docker run --env-file` does. Use it as `. ./load-env.sh`.
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    "" | "#"*) ;;
    *) export "$line" ;;
  esac
done <kore.env
